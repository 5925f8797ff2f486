//! What can be read of the inspected request on its way: its head at the balancer (nothing at L4), and the headers that
//! reach the server.

use leptos::prelude::*;

use super::{RequestInspector, watched};
use crate::scene::request_head::{RequestHeadView, letter_of};
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::session::Session;

/// The envelope of the request at the balancer: open at L7, closed at L4.
#[component]
pub fn AtBalancer(session: Session, request_inspector: RequestInspector) -> impl IntoView {
    let life = watched(session, request_inspector);
    let seen = session.watch(move |view| {
        let life = life.get()?;
        Some((life.number, letter_of(view, &life)?))
    });
    let sealed =
        Memo::new(move |_| seen.with(|seen| seen.as_ref().is_some_and(|one| one.1.sealed)));
    let title = move || {
        let number = seen.with(|seen| seen.as_ref().map(|one| one.0))?;
        Some(if sealed.get() {
            t!("letter.of_shut", number = number)
        } else {
            t!("letter.of_open", number = number)
        })
    };
    let verdict = move || seen.with(|seen| seen.as_ref().map(|one| one.1.verdict.clone()));
    view! {
        <div class="looked-at" hidden=move || seen.with(Option::is_none)>
            <p>
                <EnvelopeSign sealed />
                " "
                <strong>{title}</strong>
            </p>
            <dl>{move || seen.with(|seen| seen.as_ref().map(|one| lines(&one.1.lines)))}</dl>
            <p>{verdict}</p>
        </div>
    }
}

/// The sign of an envelope, open or closed.
#[component]
pub fn EnvelopeSign(sealed: Memo<bool>) -> impl IntoView {
    let flap = move || {
        if sealed.get() {
            "M1 1l11 9 11-9"
        } else {
            "M1 8l11-7 11 7"
        }
    };
    view! {
        <svg viewBox="0 0 24 18" aria-hidden="true">
            <path d="M1 1h22v16H1z"></path>
            <path d=flap></path>
        </svg>
    }
}

/// The head of the request at a server, with the headers that the balancer added.
#[component]
pub fn AtServer(
    session: Session,
    request_inspector: RequestInspector,
    id: ServerId,
) -> impl IntoView {
    let life = watched(session, request_inspector);
    let seen = session.watch(move |view| {
        let life = life.get().filter(|life| life.last_server() == Some(id))?;
        let RequestHeadView { at_server, .. } = letter_of(view, &life)?;
        let name = view.member(id)?.server.spec.name.clone();
        (!at_server.is_empty()).then_some((life.number, at_server, name))
    });
    let title = move || {
        seen.with(|seen| {
            let (number, _, server) = seen.as_ref()?;
            Some(t!("letter.got", number = *number, server = server))
        })
    };
    view! {
        <div class="looked-at" hidden=move || seen.with(Option::is_none)>
            <p>
                <strong>{title}</strong>
            </p>
            <dl>{move || seen.with(|seen| seen.as_ref().map(|one| lines(&one.1)))}</dl>
        </div>
    }
}

fn lines(lines: &[(String, String)]) -> impl IntoView + use<> {
    lines
        .iter()
        .map(|(name, value)| view! { <div><dt>{name.clone()}</dt><dd>{value.clone()}</dd></div> })
        .collect_view()
}
