//! Snippets that authors paste into a page or a wiki to embed a scene.

use super::address::EmbedSettings;
use evenkeel_scene::markup::escape;

/// The scene of a snippet, and the address of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The address of the page without query and fragment, ending in `/` or a file's name.
    pub page: String,
    /// The fragment with its `#`; empty is the default scene.
    pub fragment: String,
    /// The title of the frame.
    pub title: String,
    /// The height of the frame in CSS pixels; the width is the column's.
    pub height: u32,
    /// The other settings; `embed` is implied.
    pub settings: EmbedSettings,
}

/// Text within a link of Markdown.
fn markdown_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\`*_{}[]<>()#+-!|".contains(letter) {
            out.push('\\');
        }
        out.push(if letter.is_control() { ' ' } else { letter });
    }
    out
}

/// Text within a link of MediaWiki, which takes none of its own signs.
fn wiki_text(text: &str) -> String {
    let sign = |letter: char| "[]{}|<>'=".contains(letter) || letter.is_control();
    text.replace(sign, " ")
}

impl Snippet {
    fn settings(&self) -> EmbedSettings {
        EmbedSettings {
            embed: true,
            ..self.settings
        }
    }

    /// The address of the frame.
    #[must_use]
    pub fn frame_address(&self) -> String {
        format!("{}{}{}", self.page, self.settings().query(), self.fragment)
    }

    /// The address of the whole page with the scene.
    #[must_use]
    pub fn page_address(&self) -> String {
        format!("{}{}", self.page, self.fragment)
    }

    /// A frame, which needs no script in the page around.
    #[must_use]
    pub fn iframe(&self) -> String {
        format!(
            "<iframe src=\"{}\" title=\"{}\"\n        sandbox=\"allow-scripts allow-popups\" \
             loading=\"lazy\" width=\"100%\" height=\"{}\"></iframe>",
            escape(&self.frame_address()),
            escape(&self.title),
            self.height
        )
    }

    /// The element that sizes itself.
    #[must_use]
    pub fn element(&self) -> String {
        let script = match self.page.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/embed.js"),
            None => "embed.js".to_string(),
        };
        let settings = self.settings();
        let mut more = String::new();
        let mut add = |name: &str, value: &str| {
            more += &format!(" {name}=\"{}\"", escape(value));
        };
        if let Some(theme) = settings.theme {
            add("theme", theme.word());
        }
        if settings.controls != Default::default() {
            add("controls", settings.controls.word());
        }
        if !settings.autoplay {
            add("autoplay", "0");
        }
        if settings.transparent {
            add("background", "transparent");
        }
        let run = self.fragment.trim_start_matches("#run=");
        if !run.is_empty() {
            add("run", run);
        }
        format!(
            "<script src=\"{}\" async></script>\n<evenkeel-scene title=\"{}\" height=\"{}\"{more}>\
             </evenkeel-scene>",
            escape(&script),
            escape(&self.title),
            self.height
        )
    }

    /// A link for places that take no frame.
    #[must_use]
    pub fn markdown(&self) -> String {
        format!("[{}]({})", markdown_text(&self.title), self.page_address())
    }

    /// The text for MediaWiki: a call of the widget of `wiki-widget.txt`, and a link for wikis without
    /// Extension:Widgets.
    #[must_use]
    pub fn mediawiki(&self) -> String {
        let query = self.settings().query();
        format!(
            "{{{{#widget:Evenkeel|query={}|run={}|height={}}}}}\n[{} {}]",
            query.trim_start_matches('?'),
            self.fragment.trim_start_matches("#run="),
            self.height,
            self.page_address(),
            wiki_text(&self.title)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::address::{Controls, Theme};
    use super::*;

    fn snippet(title: &str) -> Snippet {
        Snippet {
            page: "https://example.org/evenkeel/".to_string(),
            fragment: "#run=AY3vAA".to_string(),
            title: title.to_string(),
            height: 640,
            settings: EmbedSettings {
                theme: Some(Theme::Dark),
                controls: Controls::Full,
                ..EmbedSettings::default()
            },
        }
    }

    #[test]
    fn snippets_name_the_scene() {
        let snippet = snippet("Four servers");
        let address = "https://example.org/evenkeel/?embed=1&theme=dark&controls=full#run=AY3vAA";
        assert_eq!(snippet.frame_address(), address);
        assert!(snippet.iframe().contains(&address.replace('&', "&amp;")));
        let element = snippet.element();
        for part in [
            "src=\"https://example.org/evenkeel/embed.js\"",
            "run=\"AY3vAA\"",
            "theme=\"dark\"",
            "controls=\"full\"",
            "height=\"640\"",
        ] {
            assert!(element.contains(part), "{part}: {element}");
        }
        assert_eq!(
            snippet.markdown(),
            "[Four servers](https://example.org/evenkeel/#run=AY3vAA)"
        );
        assert!(
            snippet.mediawiki().starts_with(
                "{{#widget:Evenkeel|query=embed=1&theme=dark&controls=full|run=AY3vAA|"
            )
        );
    }

    #[test]
    fn the_wikis_widget_takes_what_the_snippet_gives() {
        let widget = include_str!("../../../assets/wiki-widget.txt");
        let given = snippet("Four servers").mediawiki();
        let line = given.lines().next().unwrap_or_default();
        for part in line.trim_end_matches('}').split('|').skip(1) {
            let name = part.split('=').next().unwrap_or_default();
            assert!(widget.contains(&format!("<!--{{${name}|")), "{name}");
        }
        // Whatever is passed in: nothing of it stands there as it came.
        let said = widget.split("<!--{$").skip(1);
        for place in said.filter_map(|rest| rest.split("}-->").next()) {
            assert!(place.contains("|escape:"), "{place}");
        }
    }

    #[test]
    fn a_hostile_name_stays_text() {
        let evil = snippet("\"><img src=x onerror=alert(1)>](javascript:alert(1))]] <script>");
        for text in [evil.iframe(), evil.element()] {
            assert!(
                !text.contains("<img") && !text.contains("<script>"),
                "{text}"
            );
            assert!(text.contains("&quot;&gt;&lt;img"), "{text}");
        }
        assert!(evil.markdown().contains(r"\]\(javascript"));
        let wiki = evil.mediawiki();
        assert!(
            !wiki.contains("<img") && wiki.matches(']').count() == 1,
            "{wiki}"
        );
    }
}
