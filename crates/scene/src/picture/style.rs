//! The colours of a picture: those of `style/tokens.css`, which a picture on its own cannot read. A
//! test holds them equal.

use super::PictureTheme;

/// Name of the colour, its token, light, dark.
const COLOURS: &[(&str, &str, &str, &str)] = &[
    ("paper", "paper", "#fbfaf6", "#11151c"),
    ("card", "card", "#ffffff", "#1a202a"),
    ("ink", "ink", "#1b2330", "#e8ecf2"),
    ("soft", "ink-soft", "#566170", "#a3aebc"),
    ("line", "line", "#e4dfd3", "#2c3542"),
    ("edge", "edge", "#858b95", "#6f7b8b"),
    ("focus", "focus", "#1f5fbf", "#7fb2ff"),
    ("s0", "s0", "#0072b2", "#56b4e9"),
    ("s1", "s1", "#b84c00", "#ff9b57"),
    ("s2", "s2", "#00796b", "#4fc3b0"),
    ("s3", "s3", "#a34f83", "#e59cc6"),
    ("s4", "s4", "#5b4bb5", "#b5a8f5"),
    ("s5", "s5", "#7a6400", "#d9c34a"),
    ("s6", "s6", "#8a4b2a", "#d8a182"),
    ("s7", "s7", "#3f6577", "#a3c1d1"),
    ("late", "late", "#a34f83", "#e59cc6"),
    ("healthy", "healthy", "#0b7a57", "#4cd3a5"),
    ("degraded", "degraded", "#8f5f00", "#f0b429"),
    ("down", "down", "#b3261e", "#ff8a80"),
    ("draining", "draining", "#626a76", "#9aa4b2"),
];

/// What the classes mean. A class of a colour's name sets `color`; the others draw with it.
const RULES: &str = "\
text{fill:currentColor;color:var(--ink);font:15px ui-sans-serif,system-ui,'Segoe UI',Roboto,sans-serif}\
.s{font-size:13px}.b{font-weight:600}.m{font:13px ui-monospace,Menlo,Consolas,monospace}\
.r{text-anchor:end}.c{text-anchor:middle}\
.box{fill:var(--card);stroke:var(--line)}.bold{fill:var(--card);stroke:var(--ink);stroke-width:1.5}\
.wire{fill:none;stroke:currentColor}.f{fill:currentColor}\
.h{fill:var(--card);stroke:currentColor;stroke-width:1.6}.l{fill:none;stroke:currentColor;stroke-width:1.4}\
.slot{fill:none;stroke:var(--edge);stroke-opacity:.6}.done{fill:currentColor;fill-opacity:.22}\
.resting{stroke:var(--draining);stroke-dasharray:4 3}.gone{stroke:var(--down);stroke-dasharray:2 3}\
.broken{stroke-dasharray:2 5}.land{fill:var(--line)}.track{fill:var(--line)}.picked{fill:var(--focus);fill-opacity:.13}";

/// The content of the picture's style element.
pub fn style(theme: PictureTheme) -> String {
    let set = |dark: bool| -> String {
        let colour = |row: &(&str, &str, &str, &str)| {
            format!("--{}:{};", row.0, if dark { row.3 } else { row.2 })
        };
        format!("svg{{{}}}", COLOURS.iter().map(colour).collect::<String>())
    };
    let mut text = set(theme == PictureTheme::Dark);
    if theme == PictureTheme::Auto {
        text += &format!("@media(prefers-color-scheme:dark){{{}}}", set(true));
    }
    for (name, ..) in COLOURS {
        text += &format!(".{name}{{color:var(--{name})}}");
    }
    text.insert_str(0, RULES);
    text
}

/// The same with the colours themselves in the place of variables, for programs that know none.
pub fn flat(theme: PictureTheme) -> String {
    let mut text = String::from(RULES);
    for (name, ..) in COLOURS {
        text += &format!(".{name}{{color:var(--{name})}}");
    }
    text += ".ground{fill:var(--paper)}";
    for (name, _, light, dark) in COLOURS {
        let value = if theme == PictureTheme::Dark {
            dark
        } else {
            light
        };
        text = text.replace(&format!("var(--{name})"), value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_are_those_of_the_page() {
        let tokens = include_str!("../../../../style/tokens.css");
        for (name, token, light, dark) in COLOURS {
            let line = format!("--{token}: light-dark({light}, {dark})");
            assert!(tokens.contains(&line), "{name}: {line}");
        }
    }
}
