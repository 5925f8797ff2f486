//! The cards that other places show beside a link to a page, as PNG files.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};

/// The fonts of the cards: parts of DejaVu, see `fonts/README.md`. No font of the machine is used, so that each machine
/// writes the same file.
const FONTS: [&[u8]; 3] = [
    include_bytes!("../fonts/DejaVuSans.ttf"),
    include_bytes!("../fonts/DejaVuSans-Bold.ttf"),
    include_bytes!("../fonts/DejaVuSerif-Bold.ttf"),
];

/// Makes PNG files of drawings.
pub struct CardPress(Options<'static>);

impl CardPress {
    /// A press with its fonts.
    pub fn new() -> Self {
        let mut fonts = Database::new();
        for font in FONTS {
            fonts.load_font_data(font.to_vec());
        }
        fonts.set_sans_serif_family("DejaVu Sans");
        Self(Options {
            font_family: "DejaVu Sans".to_string(),
            fontdb: Arc::new(fonts),
            ..Options::default()
        })
    }

    /// The PNG file of a drawing, as large as the drawing says.
    ///
    /// # Errors
    /// A drawing that is no SVG, or without a size.
    pub fn png(&self, svg: &str) -> Result<Vec<u8>, String> {
        let tree = Tree::from_str(svg, &self.0).map_err(|error| error.to_string())?;
        let size = tree.size().to_int_size();
        let mut pixels = Pixmap::new(size.width(), size.height()).ok_or("a card has no size")?;
        resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| error.to_string())
    }
}
