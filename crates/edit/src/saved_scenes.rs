//! Scenes that a reader saves under their own names, as one text for the browser's storage.

use std::collections::BTreeMap;

use serde_json::Value;

/// The most characters in a name.
pub const MOST_NAME: usize = 60;

/// Saved scenes, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedScenes(BTreeMap<String, Value>);

impl SavedScenes {
    /// Reads saved scenes. Text that cannot be read gives none.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// The scenes as text.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The scene of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Saves a scene under a name, replacing an earlier one.
    pub fn put(&mut self, name: &str, scene: Value) {
        self.0.insert(name.to_owned(), scene);
    }

    /// Renames a scene; false if the new name is taken, or the scene does not exist.
    pub fn rename(&mut self, old: &str, new: &str) -> bool {
        if self.0.contains_key(new) {
            return old == new;
        }
        let Some(scene) = self.0.remove(old) else {
            return false;
        };
        self.0.insert(new.to_owned(), scene);
        true
    }

    /// Removes a saved scene.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }
}

/// The form of a typed name that is saved; `None` if it is empty.
#[must_use]
pub fn tidy_name(typed: &str) -> Option<String> {
    let name: String = typed.trim().chars().take(MOST_NAME).collect();
    let name = name.trim_end().to_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scenes_are_kept_renamed_and_forgotten() {
        let mut kept = SavedScenes::read("damaged");
        kept.put("b", json!(1));
        kept.put("a", json!(2));
        assert_eq!(kept.names().collect::<Vec<_>>(), ["a", "b"]);
        assert!(!kept.rename("a", "b"), "another's name");
        assert!(!kept.rename("x", "y"), "nothing there");
        assert!(kept.rename("a", "a") && kept.rename("a", "c"));
        kept.remove("b");
        let again = SavedScenes::read(&kept.write());
        assert_eq!(again, kept);
        assert_eq!(again.get("c"), Some(&json!(2)));
    }

    #[test]
    fn names_are_short_and_not_blank() {
        assert_eq!(tidy_name("  \t"), None);
        assert_eq!(tidy_name(" my scene "), Some("my scene".to_owned()));
        assert_eq!(
            tidy_name(&"x".repeat(90)).map(|name| name.len()),
            Some(MOST_NAME)
        );
    }
}
