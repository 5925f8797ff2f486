//! A scene that is being edited: every change is one step that can be undone.

use serde_json::Value;

use super::json_path::{JsonPath, PathSegment};

/// The most steps that can be undone.
const MOST: usize = 100;

/// A scene as JSON, with its undo and redo steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SceneDraft {
    now: Value,
    before: Vec<Value>,
    after: Vec<Value>,
}

impl SceneDraft {
    /// A draft that begins with a scene.
    #[must_use]
    pub const fn new(scene: Value) -> Self {
        Self {
            now: scene,
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    /// The scene as it is now.
    #[must_use]
    pub const fn scene(&self) -> &Value {
        &self.now
    }

    /// Whether there is a step to undo.
    #[must_use]
    pub const fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    /// Whether there is a step to redo.
    #[must_use]
    pub const fn can_redo(&self) -> bool {
        !self.after.is_empty()
    }

    /// Replaces the whole scene; false if it is the same.
    pub fn replace(&mut self, scene: Value) -> bool {
        if scene == self.now {
            return false;
        }
        self.before.push(std::mem::replace(&mut self.now, scene));
        if self.before.len() > MOST {
            self.before.remove(0);
        }
        self.after.clear();
        true
    }

    /// Changes the scene by `act`, as one step; false if nothing changed.
    pub fn change(&mut self, act: impl FnOnce(&mut Value)) -> bool {
        let mut scene = self.now.clone();
        act(&mut scene);
        self.replace(scene)
    }

    /// Sets the value at a path that exists, or a new field of an existing object.
    pub fn set(&mut self, place: &JsonPath, value: Value) -> bool {
        self.change(|scene| {
            if let Some(there) = place.get_mut(scene) {
                *there = value;
            } else if let Some((PathSegment::Field(name), parent)) = place.0.split_last()
                && let Some(Value::Object(object)) = JsonPath(parent.to_vec()).get_mut(scene)
            {
                object.insert(name.clone(), value);
            }
        })
    }

    /// Changes the list at a path.
    pub fn list(&mut self, place: &JsonPath, act: impl FnOnce(&mut Vec<Value>)) -> bool {
        self.change(|scene| {
            if let Some(Value::Array(list)) = place.get_mut(scene) {
                act(list);
            }
        })
    }

    /// Undoes the last step; false if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(scene) = self.before.pop() else {
            return false;
        };
        self.after.push(std::mem::replace(&mut self.now, scene));
        true
    }

    /// Redoes the last undone step; false if there is none.
    pub fn redo(&mut self) -> bool {
        let Some(scene) = self.after.pop() else {
            return false;
        };
        self.before.push(std::mem::replace(&mut self.now, scene));
        true
    }
}

/// A name that no entry of a list has: `name` itself, or with the next number.
#[must_use]
pub fn free_name(list: &[Value], name: &str) -> String {
    let taken = |name: &str| list.iter().any(|entry| entry["name"] == name);
    if !taken(name) {
        return name.to_owned();
    }
    let stem = name
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end();
    let numbered = (2..).map(|number| format!("{stem} {number}"));
    numbered
        .into_iter()
        .find(|name| !taken(name))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn steps_go_back_and_forth_until_something_else_is_done() {
        let mut draft = SceneDraft::new(json!({"servers": [{"weight": 1}]}));
        let weight = JsonPath::of("servers").entry(0).field("weight");
        assert!(!draft.set(&weight, json!(1)), "the same is no step");
        assert!(draft.set(&weight, json!(2)) && draft.set(&weight, json!(3)));
        assert!(draft.undo());
        assert_eq!(weight.get(draft.scene()), Some(&json!(2)));
        assert!(draft.redo() && !draft.redo());
        assert!(draft.undo() && draft.undo() && !draft.undo());
        assert!(draft.list(&JsonPath::of("servers"), |list| {
            list.push(json!({"weight": 7}));
        }));
        assert!(!draft.can_redo());
        assert_eq!(draft.scene()["servers"][1]["weight"], 7);
    }

    #[test]
    fn only_the_last_steps_are_kept() {
        let mut draft = SceneDraft::new(json!({"n": 0}));
        for n in 1..=2 * MOST {
            draft.set(&JsonPath::of("n"), json!(n));
        }
        let mut steps = 0;
        while draft.undo() {
            steps += 1;
        }
        assert_eq!((steps, &draft.scene()["n"]), (MOST, &json!(MOST)));
    }

    #[test]
    fn a_name_is_free() {
        let list = [json!({"name": "A"}), json!({"name": "A 2"})];
        assert_eq!(free_name(&list, "B"), "B");
        assert_eq!(free_name(&list, "A"), "A 3");
        assert_eq!(free_name(&list, "A 2"), "A 3");
    }
}
