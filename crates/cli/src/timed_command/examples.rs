//! Every command by example, for the help of `--do`.

use evenkeel_sim::engine::command::{Command, FaultKind};
use evenkeel_sim::ids::ServerId;

/// What is about one part of a scene: a heading, and commands with their effects.
struct Group {
    heading: &'static str,
    commands: &'static [(&'static str, &'static str)],
}

const GROUPS: &[Group] = &[
    Group {
        heading: "Servers",
        commands: &[
            (r#"{"set_weight":[1,3]}"#, "its weight, 0 to 256"),
            (r#"{"set_admin":[1,"drain"]}"#, r#"or "maint", "ready""#),
            (r#""add_server""#, "one like the first"),
            (r#"{"remove_server":1}"#, "it leaves the scene"),
        ],
    },
    Group {
        heading: "Balancers and traffic",
        commands: &[
            (
                r#"{"set_algorithm":["ip_hash","nginx"]}"#,
                "nginx's form of it",
            ),
            (r#"{"set_layer":"l4"}"#, r#"or "l7""#),
            (r#"{"set_traffic":9000}"#, "9 requests a second"),
            (r#"{"set_active_checks":{"fall":2}}"#, "or null for none"),
            (
                r#"{"set_passive_checks":{"rule":"nginx"}}"#,
                "or null for none",
            ),
        ],
    },
    Group {
        heading: "Frontend",
        commands: &[
            (
                r#"{"front":{"add_rule":[0,{"when":{"path":"/pay"},"then":{"pool":"pay"}}]}}"#,
                "",
            ),
            (
                r#"{"front":{"set_rule":[0,{"then":"block"}]}}"#,
                "in its place",
            ),
            (r#"{"front":{"move_rule":[0,1]}}"#, "from, to"),
            (r#"{"front":{"remove_rule":0}}"#, ""),
            (
                r#"{"front":{"switch_rule":[0,false]}}"#,
                "off, or true for on",
            ),
            (
                r#"{"front":{"set_limit":[1,{"rate_permille":2500,"burst":5}]}}"#,
                "",
            ),
            (r#"{"front":{"set_split":[1,20]}}"#, "percent for the first"),
            (
                r#"{"front":{"set_pool_algorithm":[1,"least_connections","nginx"]}}"#,
                "",
            ),
            (r#"{"front":{"set_cores":2}}"#, "of the processor"),
            (r#"{"front":{"set_return_path":"direct"}}"#, r#"or "nat""#),
            (
                r#"{"front":{"set_keepalive":{"idle":4}}}"#,
                "or null for no cost",
            ),
        ],
    },
    Group {
        heading: "Pairs of balancers",
        commands: &[
            (r#"{"edge":{"box":[0,"kill"]}}"#, r#"or "stop", "revive""#),
            (
                r#"{"edge":{"set_link":[0,false]}}"#,
                "the link of the pair is cut",
            ),
            (r#"{"edge":{"set_priority":[1,250]}}"#, "VRRP, 1 to 255"),
            (r#"{"edge":{"set_advert_interval":[0,50]}}"#, "in 1/100 s"),
            (
                r#"{"edge":{"set_preempt":[0,true]}}"#,
                "the higher priority takes over",
            ),
            (
                r#"{"edge":{"set_shared_connections":[0,true]}}"#,
                "connection sync",
            ),
            (
                r#"{"edge":{"set_standby_checks":[0,true]}}"#,
                "the standby probes too",
            ),
        ],
    },
    Group {
        heading: "Sites and their name",
        commands: &[
            (r#"{"edge":{"kill_site":1}}"#, "it loses its power"),
            (
                r#"{"edge":{"restore_site":1}}"#,
                "everything there runs again",
            ),
            (r#"{"edge":{"set_policy":"weighted"}}"#, "of GeoDNS"),
            (r#"{"edge":{"set_ttl":30000000}}"#, "in microseconds"),
            (
                r#"{"edge":{"set_client_subnet":true}}"#,
                "EDNS client subnet",
            ),
            (
                r#"{"edge":{"set_anycast":true}}"#,
                "one address for all sites",
            ),
        ],
    },
];

/// The faults of a server, as commands with their effects.
fn faults() -> impl Iterator<Item = (String, &'static str)> {
    FaultKind::EXAMPLES.iter().map(|(fault, effect)| {
        let command = Command::Fault(ServerId(1), *fault);
        let json = serde_json::to_string(&command).expect("a command can be written");
        (json, *effect)
    })
}

impl Group {
    /// Its commands; those of servers begin with the faults.
    fn lines(&self) -> Vec<(String, &'static str)> {
        let own = self.commands.iter();
        let own = own.map(|(command, effect)| ((*command).to_string(), *effect));
        match self.heading {
            "Servers" => faults().chain(own).collect(),
            _ => own.collect(),
        }
    }
}

/// The groups as text, one command a line.
pub fn text() -> String {
    let mut text = String::new();
    for group in GROUPS {
        text += &format!("\n{}:\n", group.heading);
        for (command, effect) in group.lines() {
            let line = format!("  {command:<42}  {effect}");
            text += line.trim_end();
            text += "\n";
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use evenkeel_sim::engine::Engine;
    use evenkeel_sim::scenario::validate::parse;

    use super::*;

    fn commands() -> Vec<String> {
        let lines = GROUPS.iter().flat_map(Group::lines);
        lines.map(|(command, _)| command).collect()
    }

    /// The names that serde knows at the place of `?`, from its message about one that it does not know.
    fn known(json: &str) -> BTreeSet<String> {
        let error = serde_json::from_str::<Command>(json).expect_err("`?` is no name");
        let text = error.to_string();
        let (_, names) = text.split_once("expected").expect("a list of names");
        names
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_command_has_an_example() {
        let all = commands().join("\n");
        let mut looked_at = 0;
        for json in [
            "\"?\"",
            "{\"front\":{\"?\":0}}",
            "{\"edge\":{\"?\":0}}",
            "{\"fault\":[0,\"?\"]}",
        ] {
            for name in known(json) {
                assert!(all.contains(&format!("\"{name}\"")), "{name}");
                looked_at += 1;
            }
        }
        assert!(looked_at > 40, "{looked_at} names");
    }

    #[test]
    fn every_example_can_be_carried_out_in_one_of_the_scenes() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/scenarios");
        let scenes: Vec<_> = fs::read_dir(folder)
            .expect("the scenes")
            .map(|file| file.expect("a file").path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .map(|path| parse(&fs::read_to_string(path).expect("a text")).expect("a scene"))
            .collect();
        for text in commands() {
            let command: Command = serde_json::from_str(&text).expect(&text);
            let done = scenes.iter().any(|scene| {
                let mut engine = Engine::new(scene, scene.seed);
                engine.apply(command.clone()).is_ok()
            });
            assert!(done, "{text}");
        }
    }
}
