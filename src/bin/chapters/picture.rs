//! A still picture of a figure's world: who sends, what stands between, who answers.

use std::fmt::Write;

use evenkeel::lesson::figure::Figure;
use evenkeel::lesson::words::FigureWords;
use evenkeel::scene::words;

use crate::body::escape;

const WIDTH: f64 = 640.0;
const ROW: f64 = 54.0;
/// Where the balancer's box begins and ends.
const BALANCER: (f64, f64) = (220.0, 400.0);
const CLIENTS: f64 = 90.0;
const SERVERS: f64 = 470.0;

/// The picture as SVG, with a description for those who do not see it.
pub fn picture(figure: &Figure, words: &FigureWords) -> String {
    let (clients, servers) = (&figure.scenario.clients, &figure.scenario.servers);
    let rows = servers.len().max(clients.len()) as f64;
    let height = rows * ROW + 28.0;
    let middle = height / 2.0;
    let place = |index: usize, count: usize| {
        let gap = height / (count as f64);
        gap * (index as f64 + 0.5)
    };
    let mut svg = format!(
        "<svg class=\"picture\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">",
        escape(&words.watch)
    );
    let mut put = |text: std::fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = svg.write_fmt(text);
    };
    for (index, client) in clients.iter().enumerate() {
        let y = place(index, clients.len());
        let (from, to) = (CLIENTS + 16.0, BALANCER.0);
        let bend = f64::midpoint(from, to);
        put(format_args!(
            "<path class=\"wire\" d=\"M{from} {y}C{bend} {y} {bend} {middle} {to} {middle}\"/>\
             <circle class=\"sign\" cx=\"{CLIENTS}\" cy=\"{y}\" r=\"15\"/>\
             <text x=\"{CLIENTS}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            y + 5.0,
            escape(&client.name)
        ));
    }
    for (index, server) in servers.iter().enumerate() {
        let y = place(index, servers.len());
        let bend = f64::midpoint(BALANCER.1, SERVERS);
        put(format_args!(
            "<path class=\"wire\" d=\"M{} {middle}C{bend} {middle} {bend} {y} {SERVERS} {y}\"/>\
             <rect class=\"box\" x=\"{SERVERS}\" y=\"{}\" width=\"160\" height=\"42\" rx=\"9\"/>\
             <text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
            BALANCER.1,
            y - 21.0,
            SERVERS + 14.0,
            y + 5.0,
            escape(&server.name)
        ));
    }
    let spec = &figure.scenario.balancer;
    put(format_args!(
        "<rect class=\"box strong\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"56\" rx=\"10\"/>\
         <text class=\"name\" x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text></svg>",
        BALANCER.0,
        middle - 28.0,
        BALANCER.1 - BALANCER.0,
        middle + 5.0,
        escape(&words::algorithm(spec.algorithm.row())),
        x = f64::midpoint(BALANCER.0, BALANCER.1),
    ));
    svg
}
