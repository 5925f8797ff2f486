//! The content of the levels as tables: a site's balancers with the last advertisements, and the sites of the world.

use leptos::prelude::*;

use crate::scene::chart::table::DataTable;
use crate::scene::{pair, world};
use crate::sim::engine::view::View;
use crate::sim::ids::SiteId;
use crate::t;
use crate::ui::session::Session;

/// The balancers of a site, and the last advertisements between them.
#[component]
pub fn PairTables(session: Session, id: SiteId) -> impl IntoView {
    view! {
        <Twin
            session
            name=t!("pair.table")
            tables=vec![
                (t!("pair.title"), Box::new(move |view: View<'_>| pair::table(view, id)) as Look),
                (t!("pair.adverts"), Box::new(move |view: View<'_>| pair::adverts(view, id))),
            ]
        />
    }
}

/// The sites on the map, and the users that failed.
#[component]
pub fn WorldTables(session: Session) -> impl IntoView {
    view! {
        <Twin
            session
            name=t!("world.table")
            tables=vec![
                (t!("world.sites"), Box::new(world::site_table) as Look),
                (t!("world.failed"), Box::new(world::failed_table)),
            ]
        />
    }
}

/// Makes a table from a view of the run.
type Look = Box<dyn Fn(View<'_>) -> DataTable + Send + Sync>;

/// A disclosure with tables, which are made only while it is open.
#[component]
fn Twin(session: Session, name: String, tables: Vec<(String, Look)>) -> impl IntoView {
    let open = RwSignal::new(false);
    let parts = tables.into_iter().map(|(title, look)| {
        let table = session.watch(move |view| {
            if open.get() {
                look(view)
            } else {
                DataTable::default()
            }
        });
        let filled = Memo::new(move |_| table.with(|table| !table.rows.is_empty()));
        let label = t!("numbers.table", name = &title);
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label=label hidden=move || !filled.get()>
                <table>
                    <caption>{title}</caption>
                    <thead>
                        <tr>
                            {move || {
                                let heads = table.with(|table| table.heads.clone());
                                heads
                                    .into_iter()
                                    .map(|head| view! { <th scope="col">{head}</th> })
                                    .collect_view()
                            }}
                        </tr>
                    </thead>
                    <tbody>{move || table.with(body)}</tbody>
                </table>
            </div>
        }
    });
    view! {
        <details
            class="users"
            on:toggle:target=move |event| open.set(event.target().open())
        >
            <summary>{name}</summary>
            {parts.collect_view()}
        </details>
    }
}

fn body(table: &DataTable) -> impl IntoView + use<> {
    let row = |row: &Vec<crate::scene::chart::table::TableCell>| {
        let mut cells = row.iter().map(|cell| cell.text.clone());
        let head = cells.next();
        view! {
            <tr>
                <th scope="row">{head}</th>
                {cells.map(|cell| view! { <td>{cell}</td> }).collect_view()}
            </tr>
        }
    };
    table.rows.iter().map(row).collect_view()
}
