//! The settings in the address of an embedded page: `?embed=1&theme=dark&controls=min`.

/// A colour scheme of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

impl Theme {
    /// The scheme for a word in an address; `None` is the reader's own choice.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// The word in an address and in the style sheets.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How much a reader can set in an embedded page. Servers can be killed in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Controls {
    /// All controls above and below the stage.
    Full,
    /// The algorithm, the layer and the traffic; play and speed.
    #[default]
    Min,
    /// Only play: it must be possible to stop motion.
    None,
}

impl Controls {
    /// All choices, most controls first.
    pub const ALL: [Self; 3] = [Self::Full, Self::Min, Self::None];

    /// The word in an address.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Min => "min",
            Self::None => "none",
        }
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.word() == word)
    }
}

/// The settings in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbedSettings {
    /// Whether the page is embedded in another page: only the stage and chosen controls.
    pub embed: bool,
    /// The colour scheme; `None` is the one that the reader's system prefers.
    pub theme: Option<Theme>,
    /// The controls that the reader gets.
    pub controls: Controls,
    /// Whether the run starts by itself.
    pub autoplay: bool,
    /// Whether the page around shows through.
    pub transparent: bool,
}

impl Default for EmbedSettings {
    fn default() -> Self {
        Self {
            embed: false,
            theme: None,
            controls: Controls::default(),
            autoplay: true,
            transparent: false,
        }
    }
}

impl EmbedSettings {
    /// Reads the parameters of an address. Unknown ones are ignored.
    #[must_use]
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str, word: &str| parameter(name).as_deref() == Some(word);
        Self {
            embed: is("embed", "1"),
            theme: parameter("theme").and_then(|word| Theme::read(&word)),
            controls: parameter("controls")
                .and_then(|word| Controls::read(&word))
                .unwrap_or_default(),
            autoplay: !is("autoplay", "0"),
            transparent: is("background", "transparent"),
        }
    }

    /// The query for these settings, with its `?`; defaults are left out.
    #[must_use]
    pub fn query(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut add = |wanted: bool, part: &str| {
            if wanted {
                parts.push(part.to_string());
            }
        };
        add(self.embed, "embed=1");
        if let Some(theme) = self.theme {
            add(true, &format!("theme={}", theme.word()));
        }
        let controls = format!("controls={}", self.controls.word());
        add(self.controls != Controls::default(), &controls);
        add(!self.autoplay, "autoplay=0");
        add(self.transparent, "background=transparent");
        if parts.is_empty() {
            String::new()
        } else {
            format!("?{}", parts.join("&"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> EmbedSettings {
        let pairs: Vec<(&str, &str)> = query
            .trim_start_matches('?')
            .split('&')
            .filter_map(|part| part.split_once('='))
            .collect();
        let value = |name: &str| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1);
        EmbedSettings::read(|name| value(name).map(str::to_string))
    }

    #[test]
    fn a_query_comes_back_as_it_was() {
        assert_eq!(read(""), EmbedSettings::default());
        assert_eq!(EmbedSettings::default().query(), "");
        for query in [
            "?embed=1",
            "?embed=1&theme=dark&controls=none&autoplay=0&background=transparent",
            "?theme=light&controls=full",
        ] {
            assert_eq!(read(query).query(), query);
        }
    }

    #[test]
    fn what_is_not_known_is_ignored() {
        let strange = "?embed=yes&theme=pink&controls=all&autoplay=never&background=red&x=1";
        assert_eq!(read(strange), EmbedSettings::default());
    }
}
