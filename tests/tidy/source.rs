//! The source as the compiler reads it: each file parsed once, and what the rules ask about it as plain data.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, ImplItem, Item, TraitItem, UseTree};

/// A path that a file names: the segments as they are written, and where.
pub struct Named {
    pub segments: Vec<String>,
    pub line: usize,
}

/// One name that a `use` brings into a file.
pub struct Import {
    pub path: Vec<String>,
    /// The name here; `None` for a glob.
    pub name: Option<String>,
    pub line: usize,
}

pub struct Function {
    pub name: String,
    /// From the line of its `fn` to the line of its closing brace.
    pub lines: usize,
}

/// A file of `src`, without what is compiled for tests only.
#[derive(Default)]
pub struct Source {
    /// Relative to the repository.
    pub path: String,
    /// The path of its module in the crate; empty for `lib.rs` and `main.rs`.
    pub module: Vec<String>,
    pub imports: Vec<Import>,
    pub paths: Vec<Named>,
    pub functions: Vec<Function>,
    /// Structs, enums, unions, type aliases and traits.
    pub types: Vec<(String, usize)>,
    /// Names of everything that stands at the top of the file.
    pub items: BTreeSet<String>,
    /// Methods that are called, with their lines.
    pub methods: Vec<(String, usize)>,
    /// Each word of the code, in order.
    pub words: Vec<(String, usize)>,
}

impl Source {
    /// `domain`, `usecase`, or the name of a file beside the layers.
    pub fn layer(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }
}

/// Every Rust file under a folder of the repository, with its text.
pub fn texts(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join(folder), &mut files);
    files.sort();
    let relative = |path: &PathBuf| path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
    files.iter().map(|path| (relative(path), fs::read_to_string(path).expect("text"))).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// Every file of `src` that is not only compiled for tests. Parsed once for all rules: it takes seconds.
pub fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let files = texts("src").into_iter().filter(|(path, _)| !path.ends_with("tests.rs"));
        files.map(|(path, text)| parse(&path, &text)).collect()
    })
}

/// Reads one file.
pub fn parse(path: &str, text: &str) -> Source {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut source = Source { path: path.to_owned(), module: module_of(path), ..Source::default() };
    source.read_items(&file.items, true);
    source
}

fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(inside, "lib" | "main") { Vec::new() } else { inside.split('/').map(str::to_owned).collect() }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg") && attribute.to_token_stream().to_string().contains("(test)")
    })
}

fn line_of(spanned: &impl Spanned) -> usize {
    spanned.span().start().line
}

impl Source {
    fn read_items(&mut self, items: &[Item], at_the_top: bool) {
        for item in items {
            if is_for_tests(attributes(item)) {
                continue;
            }
            if let Some(name) = name_of(item).filter(|_| at_the_top) {
                self.items.insert(name);
            }
            match item {
                Item::Use(import) => {
                    self.read_import(&import.tree, &mut Vec::new());
                    continue;
                }
                Item::Mod(module) => {
                    if let Some((_, items)) = &module.content {
                        self.read_items(items, false);
                    }
                    continue;
                }
                _ => {}
            }
            self.read_item(item);
            self.read_tokens(item.to_token_stream());
        }
    }

    fn read_item(&mut self, item: &Item) {
        match item {
            Item::Fn(function) => {
                self.functions.push(measured(&function.sig.ident, &function.sig, &function.block));
            }
            Item::Impl(block) => {
                for part in &block.items {
                    if let ImplItem::Fn(function) = part {
                        self.functions.push(measured(&function.sig.ident, &function.sig, &function.block));
                    }
                }
            }
            Item::Trait(block) => {
                self.types.push((block.ident.to_string(), line_of(&block.ident)));
                for part in &block.items {
                    if let TraitItem::Fn(function) = part
                        && let Some(body) = &function.default
                    {
                        self.functions.push(measured(&function.sig.ident, &function.sig, body));
                    }
                }
            }
            Item::Struct(item) => self.types.push((item.ident.to_string(), line_of(&item.ident))),
            Item::Enum(item) => self.types.push((item.ident.to_string(), line_of(&item.ident))),
            Item::Union(item) => self.types.push((item.ident.to_string(), line_of(&item.ident))),
            Item::Type(item) => self.types.push((item.ident.to_string(), line_of(&item.ident))),
            // A type that one of our macros declares, `names! { pub enum .. }`.
            Item::Macro(call) if call.ident.is_none() => {
                let mut declared = declared_in(call.mac.tokens.clone());
                self.items.extend(declared.iter().map(|(name, _)| name.clone()));
                self.types.append(&mut declared);
            }
            _ => {}
        }
    }

    fn read_import(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(part) => {
                prefix.push(part.ident.to_string());
                self.read_import(&part.tree, prefix);
                prefix.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.read_import(tree, prefix)),
            UseTree::Name(leaf) => self.take_import(prefix, &leaf.ident, &leaf.ident),
            UseTree::Rename(leaf) => self.take_import(prefix, &leaf.ident, &leaf.rename),
            UseTree::Glob(star) => {
                self.imports.push(Import { path: prefix.clone(), name: None, line: line_of(star) });
            }
        }
    }

    fn take_import(&mut self, prefix: &[String], leaf: &proc_macro2::Ident, name: &proc_macro2::Ident) {
        let (mut path, mut name) = (prefix.to_vec(), name.to_string());
        let line = leaf.span().start().line;
        if leaf == "self" {
            // `use a::b::{self}` names `b`.
            if name == "self" {
                name = prefix.last().cloned().unwrap_or_default();
            }
        } else {
            path.push(leaf.to_string());
        }
        self.words.push((leaf.to_string(), line));
        self.imports.push(Import { path, name: Some(name), line });
    }

    /// Collects the paths, the methods and the words of some code, also of what stands inside macros.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.read_tokens(group.stream()),
                TokenTree::Ident(ident) if ident == "use" => {
                    at = self.read_inner_import(&tokens, at);
                    continue;
                }
                TokenTree::Ident(ident) => {
                    let line = ident.span().start().line;
                    let before = at.checked_sub(1).and_then(|before| punct(&tokens[before]));
                    let mut segments = vec![ident.to_string()];
                    while let Some(next) = next_segment(&tokens, at) {
                        at += 3;
                        segments.push(next);
                    }
                    self.words.extend(segments.iter().map(|word| (word.clone(), line)));
                    let is_called = matches!(tokens.get(at + 1), Some(TokenTree::Group(group))
                        if group.delimiter() == Delimiter::Parenthesis);
                    match before {
                        Some('.') if is_called => self.methods.push((segments.swap_remove(0), line)),
                        // A field; the end of a path of types; `$crate`, which is the business of a macro's user.
                        Some('.' | ':' | '$') if segments.len() == 1 || before == Some('$') => {}
                        _ if segments.len() > 1 => self.paths.push(Named { segments, line }),
                        _ => {}
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A `use` inside a function.
    fn read_inner_import(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let end = tokens[at..].iter().position(|token| punct(token) == Some(';')).map_or(tokens.len(), |n| at + n + 1);
        let statement: TokenStream = tokens[at..end].iter().cloned().collect();
        if let Ok(import) = syn::parse2::<syn::ItemUse>(statement) {
            self.read_import(&import.tree, &mut Vec::new());
        }
        end.max(at + 1)
    }
}

fn punct(token: &TokenTree) -> Option<char> {
    if let TokenTree::Punct(punct) = token { Some(punct.as_char()) } else { None }
}

/// The identifier after `::` behind the one at `at`.
fn next_segment(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at + 1..at + 4)? {
        [TokenTree::Punct(first), TokenTree::Punct(second), TokenTree::Ident(next)]
            if first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':' =>
        {
            Some(next.to_string())
        }
        _ => None,
    }
}

fn declared_in(tokens: TokenStream) -> Vec<(String, usize)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let pairs = tokens.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(keyword), TokenTree::Ident(name)] if keyword == "enum" || keyword == "struct" => {
            Some((name.to_string(), name.span().start().line))
        }
        _ => None,
    });
    pairs.collect()
}

fn measured(name: &proc_macro2::Ident, signature: &syn::Signature, body: &syn::Block) -> Function {
    let line = line_of(signature);
    let last = body.brace_token.span.close().end().line;
    Function { name: name.to_string(), lines: last + 1 - line }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}
