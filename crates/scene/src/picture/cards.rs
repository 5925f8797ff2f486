//! The clients, balancer and servers of a picture.

use super::fit::{cut, room, room_mono, wrap};
use super::plan::{CLIENT, PicturePlan, ROWS, SERVER};
use super::styled;
use crate::layout::Rect;
use crate::pick_explanation::{PickExplanation, why};
use crate::sign::{outline, tone};
use crate::status::{belief_detail, trouble};
use crate::svg::{SvgWriter, number};
use crate::words;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::fleet::client::Client;
use evenkeel_words::t;

/// Draws every card, in the order of a request's way.
pub fn all(view: View<'_>, plan: &PicturePlan, svg: &mut SvgWriter) {
    for (client, &y) in view.clients().iter().zip(&plan.clients) {
        one_client(client, y, svg);
    }
    if let Some((y, count)) = plan.more_clients {
        styled::text(svg, "s soft", (60.0, y), &t!("picture.more", count = count));
    }
    balancer(view, plan.balancer, svg);
    for (member, &rect) in view.members().zip(&plan.servers) {
        server(view, &member, rect, svg);
    }
    if let Some((y, count)) = plan.more_servers {
        styled::text(
            svg,
            "s soft",
            (SERVER.x + 44.0, y),
            &t!("picture.more", count = count),
        );
    }
}

fn one_client(client: &Client, y: f64, svg: &mut SvgWriter) {
    let spec = &client.spec;
    styled::circle(svg, "bold", (36.0, y), 14.0);
    styled::text(svg, "c", (36.0, y + 5.0), &cut(&spec.name, 2));
    let width = CLIENT.x + CLIENT.width - 60.0;
    let address = cut(&spec.address.to_string(), room(width, 15.0));
    styled::text(svg, "", (60.0, y - 3.0), &address);
    styled::text(
        svg,
        "s soft",
        (60.0, y + 15.0),
        &cut(&spec.note, room(width, 13.0)),
    );
}

fn balancer(view: View<'_>, rect: Rect, svg: &mut SvgWriter) {
    styled::rect(
        svg,
        "bold",
        (rect.x, rect.y),
        (rect.width, rect.height),
        12.0,
    );
    let (left, width) = (rect.x + 16.0, rect.width - 32.0);
    let balancer = view.balancer();
    let layer = match balancer.layer() {
        Layer::L4 => "L4",
        Layer::L7 => "L7",
    };
    let what = format!(
        "{layer} · {}",
        words::algorithm(balancer.picker().algorithm.row())
    );
    styled::text(svg, "b", (left, rect.y + 28.0), &t!("picture.balancer"));
    styled::text(
        svg,
        "s soft",
        (left, rect.y + 48.0),
        &cut(&what, room(width, 13.0)),
    );
    // Nobody wrote down why.
    if view.balancer().decision().source.is_none() {
        return;
    }
    let why = why(view, ROWS);
    let mut y = rect.y + 74.0;
    let sentence = format!("{} {}", why.question, why.answer);
    for line in wrap(&sentence, room(width, 13.0), 4) {
        styled::text(svg, "s", (left, y), &line);
        y += 17.0;
    }
    table(
        &why,
        Rect {
            x: left,
            y: y + 8.0,
            width,
            height: 0.0,
        },
        svg,
    );
}

fn table(why: &PickExplanation, rect: Rect, svg: &mut SvgWriter) {
    let (name, right) = (56.0, rect.x + rect.width);
    let columns = why.columns.len().max(1) as f64;
    let pitch = (rect.width - name) / columns;
    let column = |place: usize| rect.x + name + pitch * (place as f64 + 1.0);
    let letters = room_mono(pitch - 6.0, 13.0);
    for (place, head) in why.columns.iter().enumerate() {
        styled::text(
            svg,
            "m soft r",
            (column(place), rect.y),
            &cut(head, letters),
        );
    }
    for (place, row) in why.rows.iter().enumerate() {
        let y = rect.y + 24.0 * (place as f64 + 1.0);
        if row.picked {
            styled::rect(
                svg,
                "picked",
                (rect.x - 6.0, y - 16.0),
                (rect.width + 12.0, 22.0),
                4.0,
            );
        }
        let class = if row.unused { "m soft" } else { "m" };
        styled::text(
            svg,
            class,
            (rect.x, y),
            &cut(&row.name, room_mono(name - 4.0, 13.0)),
        );
        if row.unused {
            let words = row.cells.first().map_or("", String::as_str);
            let letters = room_mono(rect.width - name, 13.0);
            styled::text(svg, "m soft r", (right, y), &cut(words, letters));
            continue;
        }
        for (place, cell) in row.cells.iter().enumerate() {
            styled::text(svg, "m r", (column(place), y), &cut(cell, letters));
        }
    }
    if why.more > 0 {
        let y = rect.y + 24.0 * (why.rows.len() as f64 + 1.0);
        styled::text(
            svg,
            "s soft",
            (rect.x, y),
            &t!("picture.more", count = why.more),
        );
    }
}

fn server(view: View<'_>, member: &Member<'_>, rect: Rect, svg: &mut SvgWriter) {
    let endpoint = member.endpoint;
    let belief = endpoint.belief();
    let tone = tone(belief);
    let (left, right) = (rect.x + 44.0, rect.x + rect.width - 14.0);
    styled::rect(
        svg,
        "box",
        (rect.x, rect.y),
        (rect.width, rect.height),
        10.0,
    );
    let moved = format!(
        "translate({} {})",
        number(rect.x + 14.0),
        number(rect.y + 14.0)
    );
    styled::path(svg, &format!("f {tone}"), outline(belief))
        .attr("fill-rule", "evenodd")
        .attr("transform", moved)
        .end();
    let title = t!("picture.server", name = &member.server.spec.name);
    let weight = t!("picture.weight", weight = endpoint.config.weight);
    let free = room(right - left, 17.0).saturating_sub(weight.chars().count() + 1);
    let title = cut(&title, free);
    styled::text(svg, "b", (left, rect.y + 27.0), &title);
    let host = member
        .server
        .spec
        .address
        .rsplit_once(':')
        .map_or("", |(host, _)| host);
    let free = free.saturating_sub(title.chars().count() + 2);
    if free > 4 {
        let x = left + title.chars().count() as f64 * 9.0 + 12.0;
        styled::text(svg, "s soft", (x, rect.y + 27.0), &cut(host, free));
    }
    styled::text(svg, "s soft r", (right, rect.y + 27.0), &weight);

    let load = t!("picture.in_progress", count = endpoint.in_progress);
    let free = room(right - left, 13.0).saturating_sub(load.chars().count() + 2);
    styled::text(svg, "s soft r", (right, rect.y + 47.0), &load);
    let said = said(view, member);
    styled::text(
        svg,
        &format!("s {tone}"),
        (left, rect.y + 47.0),
        &cut(&said, free),
    );
    share(
        view,
        member,
        Rect {
            x: left,
            y: rect.y + rect.height - 15.0,
            width: right - left,
            height: 6.0,
        },
        svg,
    );
}

/// The balancer's belief of a server, and the truth if it differs.
fn said(view: View<'_>, member: &Member<'_>) -> String {
    let word = words::belief(member.endpoint.belief());
    match member.server.trouble() {
        Some(wrong) => t!("picture.truth", belief = word, truth = trouble(wrong)),
        None => match belief_detail(view, member) {
            detail if detail.is_empty() => word,
            detail => format!("{word} · {detail}"),
        },
    }
}

/// Draws a server's share of the picks, with a tick at the expected share.
fn share(view: View<'_>, member: &Member<'_>, bar: Rect, svg: &mut SvgWriter) {
    let id = member.endpoint.id;
    let at = (bar.x, bar.y);
    styled::rect(svg, "track", at, (bar.width, bar.height), 3.0);
    if let Some(share) = view.share(id).filter(|share| *share > 0.0) {
        styled::rect(svg, "f ink", at, (bar.width * share, bar.height), 3.0);
    }
    if let Some(asked) = view.balancer().expected_share(id) {
        let at = (bar.x + bar.width * asked - 1.0, bar.y - 3.0);
        styled::rect(svg, "f focus", at, (2.0, 12.0), 0.0);
    }
}
