//! The stage: clients, balancer and servers are elements, laid out by the style sheet; the canvas
//! behind them draws what moves between the places that are measured here.

mod balancer;
mod card;
mod client;
pub mod compact;
mod controls;
mod entries;
mod icon;
mod measure;
mod menu;
mod roving;
mod server;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use self::balancer::BalancerCard;
use self::client::ClientCard;
use self::server::ServerCard;
use crate::scene::layout::Layout;
use crate::scene::letter::pool_name;
use crate::scene::words::describe;
use crate::sim::engine::command::Command;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::painter::Painter;
use crate::ui::session::Session;

/// From this many servers on, their cards are compact.
const MANY: usize = 7;

/// The canvas, with what is known of the places around it.
#[derive(Clone, Copy)]
pub struct Stage {
    root: NodeRef<html::Section>,
    canvas: NodeRef<html::Canvas>,
    painter: StoredValue<Option<Painter>, LocalStorage>,
    layout: StoredValue<Layout, LocalStorage>,
    stale: StoredValue<bool>,
    moved: Trigger,
}

impl Stage {
    /// A stage that is not in the page yet.
    pub fn new() -> Self {
        Self {
            root: NodeRef::new(),
            canvas: NodeRef::new(),
            painter: StoredValue::new_local(None),
            layout: StoredValue::new_local(Layout::default()),
            stale: StoredValue::new(true),
            moved: Trigger::new(),
        }
    }

    /// Something moved: the next picture measures the page first.
    pub fn remeasure(self) {
        self.stale.set_value(true);
        self.moved.notify();
    }

    /// Runs the effect it is called in again when something moved.
    pub fn track(self) {
        self.moved.track();
    }

    /// The colours of the page have changed.
    pub fn recolour(self) {
        self.painter.update_value(|painter| {
            if let Some(painter) = painter {
                painter.refresh_palette();
            }
        });
        self.moved.notify();
    }

    /// Draws the world as it is now; with `still`, nothing is drawn in flight.
    pub fn paint(self, session: Session, still: bool) {
        let (Some(root), Some(canvas)) = (
            self.root.try_get_untracked().flatten(),
            self.canvas.try_get_untracked().flatten(),
        ) else {
            return;
        };
        self.painter.update_value(|painter| {
            if painter.is_none() {
                *painter = Painter::new(canvas.clone());
            }
            let Some(painter) = painter else { return };
            self.layout.update_value(|layout| {
                if self.stale.get_value() {
                    self.stale.set_value(false);
                    *layout = measure::measure(&root, &canvas);
                    let ratio = window().device_pixel_ratio();
                    painter.resize(layout.width, layout.height, ratio);
                }
                painter.set_still(still);
                session.read(|view| painter.frame(view, layout));
            });
        });
    }
}

/// Clients, balancer, servers, and the canvas between them.
#[component]
pub fn StageView(session: Session, stage: Stage, embed: bool) -> impl IntoView {
    let members = session.watch(|view| {
        view.members()
            .map(|member| (member.server.id, member.server.spec.name.clone()))
            .collect::<Vec<(ServerId, String)>>()
    });
    let summary = session.watch(describe);
    let run = session.run();
    let clients = move || {
        let run = run.get();
        (0..session.read(|view| view.clients().len()))
            .map(|index| (run, index))
            .collect::<Vec<_>>()
    };
    let list = NodeRef::<html::Div>::new();
    use_resize_observer(stage.root, move |_, _| stage.remeasure());
    use_resize_observer(list, move |_, _| stage.remeasure());
    // Zooming changes the pixels behind the canvas, even where its size stays.
    let resized = window_event_listener(ev::resize, move |_| stage.remeasure());
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        members.track();
        run.track();
        stage.remeasure();
    });
    // A new run has the same names and identities, but nothing of the old run's may stay in a card.
    let cards = move || {
        let run = run.get();
        members
            .get()
            .into_iter()
            .map(|(id, name)| (run, id, name))
            .collect::<Vec<_>>()
    };
    view! {
        <section class="stage" aria-label=t!("stage.title") node_ref=stage.root>
            <canvas node_ref=stage.canvas role="img" aria-label=summary></canvas>
            <ul class="clients" aria-label=t!("stage.clients")>
                <For each=clients key=|client| *client let((_, index))>
                    <ClientCard session=session index=index />
                </For>
            </ul>
            <BalancerCard session=session />
            <div
                class="servers"
                class:many=move || members.with(|members| members.len() >= MANY)
                id="servers"
                role="group"
                aria-label=t!("stage.servers")
                tabindex="-1"
                node_ref=list
            >
                <For each=cards key=|card| card.clone() let((_, id, name))>
                    {pool_head(session, id)}
                    <ServerCard session=session id=id name=name />
                </For>
                {(!embed)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button add"
                                on:click=move |_| {
                                    let _ = session.send(Command::AddServer);
                                }
                            >
                                {t!("stage.add")}
                            </button>
                        }
                    })}
            </div>
        </section>
    }
}

/// The name of a pool above its first server, where there are several pools.
fn pool_head(session: Session, id: ServerId) -> Option<impl IntoView> {
    let name = session.read(|view| {
        let balancer = view.balancer();
        let member = view.member(id)?;
        let pool = balancer.pool_of(member.endpoint.id)?;
        let first = balancer.upstream(pool).endpoints().first()?;
        let heads = balancer.upstreams().len() > 1 && first.id == member.endpoint.id;
        heads.then(|| pool_name(view, pool.index()))
    })?;
    Some(view! { <h3 class="pool">{t!("stage.pool", name = name)}</h3> })
}
