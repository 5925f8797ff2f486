//! The users that failed, second by second: bars, and a sentence for the last second.

use leptos::prelude::*;

use crate::scene::world::failed_users;
use crate::t;
use crate::ui::session::Session;

/// The number of seconds shown.
const SECONDS: usize = 90;
/// The height of the bars, in units of the drawing.
const HEIGHT: f64 = 40.0;

/// The chart of the users that failed in each of the last seconds.
#[component]
pub fn Failures(session: Session) -> impl IntoView {
    let counts = session.watch(|view| failed_users(view, SECONDS));
    let path = move || {
        counts.with(|counts| {
            let most = counts.iter().copied().max().unwrap_or(0).max(10);
            let first = SECONDS - counts.len();
            let bar = |(place, count): (usize, &u32)| {
                let high = f64::from(*count) / f64::from(most) * HEIGHT;
                (*count > 0).then(|| format!("M{}.5 {HEIGHT}v-{high:.1}", (first + place) * 4 + 1))
            };
            counts
                .iter()
                .enumerate()
                .filter_map(bar)
                .collect::<String>()
        })
    };
    let last = move || {
        let count = counts.with(|counts| counts.last().copied().unwrap_or(0));
        t!("world.failed.now", count = u64::from(count))
    };
    view! {
        <figure class="failures">
            <figcaption>{t!("world.failed")}</figcaption>
            <svg
                viewBox=format!("0 0 {} {HEIGHT}", SECONDS * 4)
                preserveAspectRatio="none"
                aria-hidden="true"
            >
                <path d=path></path>
            </svg>
            <p>{last}</p>
        </figure>
    }
}
