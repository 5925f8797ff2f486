//! The lines of the map as a table: which client asks which resolver, and where it is sent.

use leptos::prelude::*;

use crate::scene::world::{UserRow, users};
use crate::t;
use crate::ui::session::Session;

/// A row for each client of the scene.
#[component]
pub fn UserTable(session: Session) -> impl IntoView {
    let rows = session.watch(users);
    let count = session.read(|view| users(view).len());
    let lines = (0..count).map(|place| {
        let text =
            move |look: fn(&UserRow) -> String| move || rows.with(|rows| rows.get(place).map(look));
        view! {
            <tr>
                <th scope="row">{text(|row| row.name.clone())}</th>
                <td>{text(|row| row.city.clone())}</td>
                <td>{text(|row| row.resolver.clone())}</td>
                <td>{text(|row| row.sent.clone())}</td>
            </tr>
        }
    });
    view! {
        <details class="users">
            <summary>{t!("world.users")}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=t!("world.users")>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t!("world.column.users")}</th>
                            <th scope="col">{t!("world.column.city")}</th>
                            <th scope="col">{t!("world.column.resolver")}</th>
                            <th scope="col">{t!("world.column.sent")}</th>
                        </tr>
                    </thead>
                    <tbody>{lines.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}
