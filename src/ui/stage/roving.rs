//! Moves the focus within a menu (roving focus), and away from a card that is removed.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Where the entries of a menu have their explanations below them (`style/servers.css`).
const EXPLAINED: &str = "(min-width: 1101px) and (min-height: 760px)";
/// The height of a menu with its distance from the card, in CSS pixels: with explanations, and without.
const ROOM: (f64, f64) = (410.0, 240.0);
/// The width of a menu, in CSS pixels.
const WIDTH: f64 = 264.0;
/// The distances of a menu from its card and from the edge of the page together, in CSS pixels.
const GAPS: f64 = 16.0;

/// A move of the focus within a menu.
#[derive(Clone, Copy)]
pub enum Move {
    /// To the first entry.
    First,
    /// To the last.
    Last,
    /// By this number of entries, around the ends.
    By(i32),
}

/// Moves the focus within an open menu.
pub fn move_focus(menu: NodeRef<html::Div>, step: Move) {
    let Some(menu) = menu.try_get_untracked().flatten() else {
        return;
    };
    let Ok(items) = menu.query_selector_all("[role=menuitem]") else {
        return;
    };
    let count = i32::try_from(items.length()).unwrap_or(0);
    let focused = document().active_element();
    let here = (0..count).find(|&place| {
        let item = items.get(place.unsigned_abs());
        item.as_ref() == focused.as_deref()
    });
    let next = match (step, here) {
        (Move::First, _) | (Move::By(1..), None) => 0,
        (Move::Last, _) | (Move::By(_), None) => count - 1,
        (Move::By(by), Some(here)) => (here + by).rem_euclid(count.max(1)),
    };
    let item = items.get(next.unsigned_abs());
    if let Some(item) = item.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}

/// Where a menu opens, as a class of the style sheet (`style/sheets.css`): beside, above or below the card of its
/// server, but not over it; in a list, below its button, or above it where there is no room.
pub fn place(button: &Element) -> &'static str {
    let explained = window().match_media(EXPLAINED).ok().flatten();
    let explained = explained.is_some_and(|query| query.matches());
    let room = if explained { ROOM.0 } else { ROOM.1 };
    let page = document().document_element();
    let height = page.map_or(0.0, |page| f64::from(page.client_height()));
    let Ok(Some(card)) = button.closest(".server") else {
        let at = button.get_bounding_client_rect();
        let upwards = at.bottom() + room > height && at.top() > room;
        return if upwards { "upwards" } else { "" };
    };
    let at = card.get_bounding_client_rect();
    let stage = button.closest(".stage").ok().flatten();
    let foot = stage.map_or(height, |stage| stage.get_bounding_client_rect().bottom());
    if at.left() > WIDTH + GAPS {
        let low = at.top() + room > foot && at.bottom() > room;
        return if low { "beside low" } else { "beside" };
    }
    // It ends where the card ends, unless it would reach out of the page there.
    match (at.top() > room, at.right() > WIDTH) {
        (true, true) => "above",
        (true, false) => "above left",
        (false, true) => "below",
        (false, false) => "below left",
    }
}

/// Moves the focus before the card with this button is removed: to the menu of the next server, or to the element that
/// follows the servers.
pub fn focus_after(button: &Element) {
    let card = button.closest(".server").ok().flatten();
    let next = card.and_then(|card| card.next_element_sibling());
    let target = next.and_then(|next| {
        let menu = next.query_selector(".menu-button").ok().flatten();
        menu.or_else(|| next.matches("button").is_ok_and(|is| is).then_some(next))
    });
    // Where servers cannot be added, nothing follows the last card.
    let target = target.or_else(|| document().get_element_by_id("servers"));
    if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        let _ = target.focus();
    }
}
