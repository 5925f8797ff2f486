//! The numbers of a chart as a table: for readers, and as a file.

/// A table of numbers and words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataTable {
    /// The heads of the columns. The first column names the row.
    pub heads: Vec<String>,
    /// The rows, one cell for each column.
    pub rows: Vec<Vec<TableCell>>,
}

/// One cell of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableCell {
    /// The text that is read.
    pub text: String,
    /// The value for programs, in the unit that the head names; `None` for words.
    pub number: Option<f64>,
}

impl TableCell {
    /// A cell of words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            number: None,
        }
    }

    /// A cell with a number.
    #[must_use]
    pub fn number(text: impl Into<String>, number: f64) -> Self {
        Self {
            text: text.into(),
            number: Some(number),
        }
    }
}

impl DataTable {
    /// A table with these heads and no rows.
    #[must_use]
    pub fn new(heads: impl Into<Vec<String>>) -> Self {
        Self {
            heads: heads.into(),
            rows: Vec::new(),
        }
    }

    /// The table as comma-separated values (RFC 4180), numbers without a unit.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = String::new();
        let heads: Vec<String> = self.heads.iter().map(|head| field(head)).collect();
        out.push_str(&heads.join(","));
        out.push_str("\r\n");
        for row in &self.rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell.number {
                    Some(number) => format!("{}", (number * 1e6).round() / 1e6),
                    None => field(&cell.text),
                })
                .collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        out
    }
}

/// A field of a file: quoted if necessary, and never a formula for a spreadsheet, as the name of a server from a
/// foreign scene might be.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let safe = if formula {
        format!("'{text}")
    } else {
        text.to_string()
    };
    if safe.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_quotes_what_it_must_and_holds_no_formula() {
        let mut table = DataTable::new(["server", "share (%)"].map(String::from));
        table.rows.push(vec![
            TableCell::text("A"),
            TableCell::number("60.2 %", 60.2),
        ]);
        table
            .rows
            .push(vec![TableCell::text("=1+1,\"x\""), TableCell::text("–")]);
        assert_eq!(
            table.csv(),
            "server,share (%)\r\nA,60.2\r\n\"'=1+1,\"\"x\"\"\",–\r\n"
        );
    }
}
