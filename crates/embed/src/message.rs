//! The messages of an embedded page, version 1, as JSON text. The page around sends
//! `{ "type": "evenkeel:play", "version": 1 }`, with an `id` of its own if it wants to recognise the answer. A message
//! that is not addressed to Evenkeel or has an unknown type is ignored; a known but wrong one is answered with
//! `evenkeel:refused` and the reason.

use serde::Deserialize;
use serde_json::{Value, json};

use super::address::Theme;
use super::figures::figures;
use evenkeel_scene::playback_clock::SPEEDS;
use evenkeel_sim::engine::command::Command;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::run::Run;
use evenkeel_sim::share::{decode, find};

/// The version of the messages.
pub const VERSION: u64 = 1;
/// The most characters of a message that are read.
pub const MAX_MESSAGE: usize = 100_000;
/// The most characters of an `id`.
const MAX_ID: usize = 100;
/// The smallest and largest height that a frame asks for, in CSS pixels.
const HEIGHTS: (f64, f64) = (120.0, 4_000.0);

/// A request of the page around.
#[derive(Clone, Debug, PartialEq)]
pub enum InboundMessage {
    /// `evenkeel:play` starts or continues the run.
    Play,
    /// `evenkeel:pause` stops the run.
    Pause,
    /// `evenkeel:reset`: the scene from its start, without what was done to it.
    Reset,
    /// `evenkeel:seed` with `seed`: the same with another seed.
    Seed(u64),
    /// `evenkeel:set` with `speed` and `theme`, each as wanted.
    Set {
        /// The index of the speed in [`SPEEDS`]; `None` leaves it.
        speed: Option<usize>,
        /// The colour scheme; `Some(None)` is the reader's own choice, `None` leaves it.
        theme: Option<Option<Theme>>,
    },
    /// `evenkeel:open` with `run`: a link, or the text in it.
    Open(Box<Run>),
    /// `evenkeel:command` with `command`, as it stands in a log.
    Command(Command),
    /// `evenkeel:get`: the figures, once.
    Figures,
    /// `evenkeel:watch` with `on`: the figures each second, or no longer.
    Watch(bool),
    /// `evenkeel:link`: the present run as text.
    Link,
}

/// A message that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct HostMessage {
    /// The request of the sender.
    pub ask: InboundMessage,
    /// The `id` that the sender gave it.
    pub id: Value,
}

/// A message to Evenkeel that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The reason for the refusal.
    pub reason: String,
    /// The `id` that the sender gave it.
    pub id: Value,
}

/// Parses a message; `None` if it is not for Evenkeel.
#[must_use]
pub fn read(text: &str) -> Option<Result<HostMessage, Refused>> {
    if text.len() > MAX_MESSAGE || !text.contains("evenkeel:") {
        return None;
    }
    let fields: Value = serde_json::from_str(text).ok()?;
    let kind = fields.get("type")?.as_str()?.strip_prefix("evenkeel:")?;
    let id = match fields.get("id") {
        Some(Value::String(text)) if text.len() <= MAX_ID => Value::from(text.as_str()),
        Some(Value::Number(number)) => Value::Number(number.clone()),
        _ => Value::Null,
    };
    if fields.get("version").and_then(Value::as_u64) != Some(VERSION) {
        let reason = "The field version must be 1.".to_string();
        return KINDS.contains(&kind).then_some(Err(Refused { reason, id }));
    }
    let ask = ask(kind, &fields)?;
    Some(match ask {
        Ok(ask) => Ok(HostMessage { ask, id }),
        Err(reason) => Err(Refused { reason, id }),
    })
}

/// The message types that are known.
pub const KINDS: &[&str] = &[
    "play", "pause", "reset", "seed", "set", "open", "command", "get", "watch", "link",
];

fn ask(kind: &str, fields: &Value) -> Option<Result<InboundMessage, String>> {
    Some(match kind {
        "play" => Ok(InboundMessage::Play),
        "pause" => Ok(InboundMessage::Pause),
        "reset" => Ok(InboundMessage::Reset),
        "get" => Ok(InboundMessage::Figures),
        "link" => Ok(InboundMessage::Link),
        "watch" => match fields.get("on") {
            Some(Value::Bool(on)) => Ok(InboundMessage::Watch(*on)),
            _ => Err("The field on must be true or false.".to_string()),
        },
        "seed" => match fields.get("seed").and_then(Value::as_u64) {
            Some(seed) => Ok(InboundMessage::Seed(seed)),
            None => Err("The field seed must be a whole number from 0 on.".to_string()),
        },
        "set" => set(fields),
        "open" => open(fields),
        "command" => match fields.get("command").map(Command::deserialize) {
            Some(Ok(command)) => Ok(InboundMessage::Command(command)),
            Some(Err(error)) => Err(format!("The command cannot be read: {error}.")),
            None => Err("The field command is missing.".to_string()),
        },
        _ => return None,
    })
}

fn set(fields: &Value) -> Result<InboundMessage, String> {
    let speed = match fields.get("speed") {
        None => None,
        Some(value) => {
            let wanted = value.as_f64().unwrap_or(-1.0);
            let is_it = |speed: &evenkeel_scene::playback_clock::Speed| {
                (f64::from(speed.num) / f64::from(speed.den) - wanted).abs() < 1e-9
            };
            let place = SPEEDS.iter().position(is_it);
            Some(place.ok_or("The field speed is none of the page's speeds.")?)
        }
    };
    let theme = match fields.get("theme").map(Value::as_str) {
        None => None,
        Some(Some("auto")) => Some(None),
        Some(Some(word)) if Theme::read(word).is_some() => Some(Theme::read(word)),
        Some(_) => return Err("The field theme must be auto, light or dark.".to_string()),
    };
    Ok(InboundMessage::Set { speed, theme })
}

fn open(fields: &Value) -> Result<InboundMessage, String> {
    let text = fields.get("run").and_then(Value::as_str);
    let text = text
        .and_then(find)
        .ok_or("The field run must be a link to a scene.")?;
    let run = decode(text).map_err(|error| error.to_string())?;
    Ok(InboundMessage::Open(Box::new(run)))
}

fn message(kind: &str, id: &Value, more: Value) -> String {
    let mut fields = json!({ "type": format!("evenkeel:{kind}"), "version": VERSION });
    if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
        fields.extend(more);
        if !id.is_null() {
            fields.insert("id".to_string(), id.clone());
        }
    }
    fields.to_string()
}

/// `evenkeel:ready`: the page runs and listens.
#[must_use]
pub fn ready(view: View<'_>) -> String {
    message(
        "ready",
        &Value::Null,
        json!({ "scene": view.scenario().name }),
    )
}

/// `evenkeel:resize`: the height of the page, within limits.
#[must_use]
pub fn resize(height: f64) -> String {
    let height = height.ceil().clamp(HEIGHTS.0, HEIGHTS.1) as u64;
    message("resize", &Value::Null, json!({ "height": height }))
}

/// `evenkeel:figures`: the present figures.
#[must_use]
pub fn figures_message(view: View<'_>, playing: bool, id: &Value) -> String {
    message("figures", id, figures(view, playing))
}

/// `evenkeel:link`: the present run as text.
#[must_use]
pub fn link(run: &str, id: &Value) -> String {
    message("link", id, json!({ "run": run }))
}

/// `evenkeel:refused`: the reason why a request was refused.
#[must_use]
pub fn refused(reason: &str, id: &Value) -> String {
    message("refused", id, json!({ "reason": reason }))
}

/// `evenkeel:done`: a request was carried out.
#[must_use]
pub fn done(id: &Value) -> String {
    message("done", id, json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::FaultKind;
    use evenkeel_sim::ids::ServerId;

    fn asked(text: &str) -> InboundMessage {
        let read = read(text).unwrap_or_else(|| panic!("{text} is ours"));
        read.unwrap_or_else(|refused| panic!("{text}: {}", refused.reason))
            .ask
    }

    fn why(text: &str) -> String {
        match read(text) {
            Some(Err(refused)) => refused.reason,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn each_kind_is_understood() {
        let plain = |kind: &str| asked(&format!(r#"{{"type":"evenkeel:{kind}","version":1}}"#));
        assert_eq!(plain("play"), InboundMessage::Play);
        assert_eq!(plain("get"), InboundMessage::Figures);
        let with = |kind: &str, more: &str| {
            asked(&format!(
                r#"{{"type":"evenkeel:{kind}","version":1,{more}}}"#
            ))
        };
        assert_eq!(with("seed", r#""seed":9"#), InboundMessage::Seed(9));
        assert_eq!(with("watch", r#""on":true"#), InboundMessage::Watch(true));
        assert_eq!(
            with("command", r#""command":{"fault":[1,"crash"]}"#),
            InboundMessage::Command(Command::Fault(ServerId(1), FaultKind::Crash))
        );
        assert_eq!(
            with("set", r#""speed":1,"theme":"dark""#),
            InboundMessage::Set {
                speed: Some(evenkeel_scene::playback_clock::REAL_TIME),
                theme: Some(Some(Theme::Dark))
            }
        );
        assert!(matches!(
            with("open", r##""run":"https://example.org/#run=AY3vAA""##),
            InboundMessage::Open(_)
        ));
    }

    #[test]
    fn what_is_not_ours_is_ignored() {
        for text in [
            "",
            "null",
            "7",
            "{\"type\":7}",
            r#"{"type":"webpack:ok"}"#,
            r#"{"type":"evenkeel:explode","version":1}"#,
            r#"{"type":"evenkeel:explode"}"#,
            r#"["evenkeel:play"]"#,
            "{\"type\":\"evenkeel:play\"",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(
            read(&format!("\"evenkeel:{}\"", "a".repeat(MAX_MESSAGE))),
            None
        );
    }

    #[test]
    fn what_is_ours_and_wrong_is_refused_with_a_reason() {
        let with = |kind: &str, more: &str| {
            why(&format!(
                r#"{{"type":"evenkeel:{kind}","version":1{more}}}"#
            ))
        };
        assert!(why(r#"{"type":"evenkeel:play","version":2}"#).contains("version"));
        assert!(with("seed", r#","seed":-1"#).contains("seed"));
        assert!(with("seed", r#","seed":"<img>""#).contains("seed"));
        assert!(with("watch", "").contains("true or false"));
        assert!(with("command", r#","command":{"explode":1}"#).contains("unknown variant"));
        assert!(with("command", "").contains("missing"));
        assert!(with("set", r#","speed":1e300"#).contains("speed"));
        assert!(with("set", r#","theme":{}"#).contains("theme"));
        assert!(with("open", r#","run":"AAAA""#).contains("missing or was changed"));
    }

    #[test]
    fn an_id_comes_back_and_nothing_else_does() {
        let id = |text: &str| match read(text) {
            Some(Ok(message)) => message.id,
            other => panic!("{other:?}"),
        };
        let with = |id: &str| format!(r#"{{"type":"evenkeel:get","version":1,"id":{id}}}"#);
        assert_eq!(id(&with("\"a\"")), json!("a"));
        assert_eq!(id(&with("7")), json!(7));
        assert_eq!(id(&with("{\"a\":1}")), Value::Null);
        assert!(done(&json!("a")).contains("\"id\":\"a\""));
        assert!(!done(&Value::Null).contains("id"));
        assert!(resize(f64::INFINITY).contains("4000"));
        assert!(resize(-5.0).contains("120"));
    }
}
