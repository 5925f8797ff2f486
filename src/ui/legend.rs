//! The line under the stage: shapes, the scene's name, its scale.

use leptos::prelude::*;

use crate::scene::status::scale_line;
use crate::sim::fleet::spec::RequestKind;
use crate::t;
use crate::ui::session::Session;
use crate::words::scene_text;

/// What the shapes mean, and how fast all this would be in truth.
#[component]
pub fn Legend(session: Session) -> impl IntoView {
    let name = session.watch(|view| scene_text(&view.scenario().name));
    let scale = session.watch(scale_line);
    let sockets = session.read(|view| {
        let mut classes = view.scenario().classes.iter();
        classes.any(|class| class.kind == RequestKind::WebSocket)
    });
    let shape = |class: &'static str, outline: &'static str, word: String| {
        view! {
            <li>
                <svg class=class viewBox="0 0 16 16" aria-hidden="true">
                    <path d=outline></path>
                </svg>
                {word}
            </li>
        }
    };
    view! {
        <div class="legend">
            <ul aria-label=t!("legend.title")>
                {shape("page", "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z", t!("legend.page"))}
                {shape("static", "M3 3h10v10H3z", t!("legend.static"))}
                {shape("checkout", "M8 1l7 7-7 7-7-7z", t!("legend.checkout"))}
                {shape("grpc", "M8 1.5l7 12.5H1z", t!("legend.grpc"))}
                {sockets.then(|| shape("socket", "M1 8l3.5-6h7L15 8l-3.5 6h-7z", t!("legend.socket")))}
                {shape("answer", "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10z", t!("legend.answer"))}
                {shape("failed", "M8 3a5 5 0 1 0 0 10a5 5 0 1 0 0-10zM6 6l4 4M10 6l-4 4", t!("legend.failed"))}
                {shape("check", "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12zM8 5v6M5 8h6", t!("legend.check"))}
            </ul>
            <p>
                <span class="scene">{name}</span>
                " · "
                {scale}
            </p>
        </div>
    }
}
