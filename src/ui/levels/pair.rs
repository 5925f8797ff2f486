//! The balancers of a site as a picture: clients, balancers with the address that one of them has, servers, and
//! everything that moves between them.

mod headline;
mod measure;
mod node;
mod picture;
mod pills;
mod server;
mod wires;

use leptos::portal::Portal;
use leptos::prelude::*;

use self::headline::HeadlineView;
use self::picture::Picture;
use super::ZoomLevels;
use super::settings::PairSettings;
use super::tables::PairTables;
use crate::scene::pair::picture;
use crate::sim::engine::view::View;
use crate::sim::ids::SiteId;
use crate::sim::scenario::topology::{ClientSpread, PairMode};
use crate::t;
use crate::ui::session::Session;
use crate::ui::stylesheet::stylesheet_ready;

/// The picture alone, for a figure of a text: without the actions, which the style sheet of the chapters hides.
#[component]
pub fn PairFigure(session: Session, id: SiteId) -> impl IntoView {
    let ready = stylesheet_ready("style/pair.css");
    let heading = session.read(|view| heading(view, id));
    move || {
        let heading = heading.clone();
        ready.get().then(|| {
            view! {
                <div class="pair pair-figure">
                    <HeadlineView session id heading />
                    <Picture session levels=None id />
                </div>
            }
        })
    }
}

/// The picture, the settings and the tables of one site.
#[component]
pub fn PairView(session: Session, levels: ZoomLevels, id: SiteId) -> impl IntoView {
    let ready = stylesheet_ready("style/pair.css");
    let title = session.read(|view| title(view, id));
    let heading = session.read(|view| heading(view, id));
    let takeover = session.watch(move |view| picture(view, id).map(|all| all.takeover));
    let first = document().query_selector(".first").ok().flatten();
    let more = first.map(|first| {
        // After the strip, also in the order of reading: nothing stands between the picture and the playback.
        view! {
            <Portal mount=first>
                <div class="pair-more">
                    <PairSettings session id />
                    <PairTables session id />
                </div>
            </Portal>
        }
    });
    let shown = move || {
        let (title, heading) = (title.clone(), heading.clone());
        ready.get().then(|| {
            view! {
                <section class="level pair" aria-label=title>
                    <HeadlineView session id heading />
                    <Picture session levels=Some(levels) id />
                    <p class="takeover">{move || takeover.get()}</p>
                </section>
            }
        })
    };
    view! {
        {shown}
        {more}
    }
}

fn title(view: View<'_>, id: SiteId) -> String {
    let site = view.topology().sites.get(id.index());
    if site.is_some_and(|site| site.balancers.len() > 1) {
        t!("pair.title")
    } else {
        t!("pair.title.one")
    }
}

/// The heading: what the two balancers share.
fn heading(view: View<'_>, id: SiteId) -> String {
    let site = view.topology().sites.get(id.index());
    let spec = site.and_then(|site| Some(&site.pair.as_ref()?.spec));
    match spec.map(|spec| (spec.mode, spec.spread)) {
        None => t!("pair.title.one"),
        Some((PairMode::ActivePassive, _)) => t!("pair.heading.passive"),
        Some((PairMode::ActiveActive, ClientSpread::Ecmp)) => t!("pair.heading.ecmp"),
        Some((PairMode::ActiveActive, ClientSpread::Dns)) => t!("pair.heading.dns"),
    }
}
