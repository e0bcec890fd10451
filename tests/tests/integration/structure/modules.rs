//! Reads from the source of a crate which of its modules use which others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Expr, Item, ItemMod, ItemUse, Lit, Macro, Meta, UseTree, Visibility,
    visit::{self, Visit},
};

/// The path of a module or item: `["db", "tasks"]` from the root of its crate, or `["sqlx", "query"]` of another crate.
pub(super) type Name = Vec<String>;

/// The modules of a crate, without those that only exist in its tests.
#[derive(Default)]
pub(super) struct Crate {
    modules: BTreeMap<Name, Module>,
}

/// A module, as its source describes it.
#[derive(Default)]
struct Module {
    /// The names that its `use` declarations import, and their full paths.
    imports: BTreeMap<String, Name>,
    /// Every path in it that begins with `crate`, `self` or `super`, and every other path of at least two names.
    paths: BTreeSet<Name>,
}

impl Crate {
    /// Reads a crate from its root file and the files of the modules that are declared there.
    pub(super) fn read(root: &Path) -> Self {
        let mut this = Self::default();
        this.read_file(root, &vec![]);
        this
    }

    /// Reads a crate from the sources of its modules, by name: `""` is the root, `"db::tasks"` a module.
    pub(super) fn from_sources(sources: &[(&str, &str)]) -> Self {
        let mut this = Self::default();
        for (name, source) in sources {
            let name = name.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
            this.add(&syn::parse_file(source).unwrap().items, name);
        }
        this
    }

    fn read_file(&mut self, file: &Path, name: &Name) {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let source = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let folder = match file.file_stem().unwrap().to_str() {
            Some("lib" | "main" | "mod") => file.parent().unwrap().to_owned(),
            _ => file.with_extension(""),
        };
        for (child, path) in self.add(&source.items, name.clone()) {
            let inner = child[name.len()..].iter().fold(folder.clone(), |folder, name| folder.join(name));
            let files = match path {
                Some(path) => vec![file.parent().unwrap().join(path)],
                None => vec![inner.with_extension("rs"), inner.join("mod.rs")],
            };
            let file = files.iter().find(|file| file.exists()).unwrap_or_else(|| panic!("{files:?} do not exist"));
            self.read_file(file, &child);
        }
    }

    /// Adds a module with these items, and the modules in it. Returns the modules that are in other files, with the
    /// paths that are given for them.
    fn add(&mut self, items: &[Item], name: Name) -> Vec<(Name, Option<String>)> {
        let mut reader = Reader::default();
        for item in items {
            reader.visit_item(item);
        }
        let mut files: Vec<_> = reader.files.into_iter().map(|(file, path)| (child(&name, &file), path)).collect();
        for (module, items) in reader.inline {
            files.extend(self.add(items, child(&name, &module)));
        }
        self.modules.insert(name, reader.module);
        files
    }

    /// Returns what each module uses: of this crate the module that declares the used item, after following all
    /// re-exports, and of other crates the whole path, which begins with the name of the crate.
    pub(super) fn uses(&self) -> BTreeMap<&Name, BTreeSet<Use>> {
        let of = |name, module: &Module| module.paths.iter().filter_map(|path| self.resolve(name, path, 0)).collect();
        self.modules.iter().map(|(name, module)| (name, of(name, module))).collect()
    }

    /// Resolves a path that is used in the module `from`. Returns `None` for an item that is declared in `from` itself.
    fn resolve(&self, from: &Name, path: &[String], depth: usize) -> Option<Use> {
        assert!(depth < 20, "{path:?} in {from:?} goes in circles");
        let (first, mut rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => vec![],
            "self" => from.clone(),
            "super" => from[..from.len().checked_sub(1)?].to_vec(),
            // The first name is a module here, an import, or another crate.
            _ if self.modules.contains_key(&child(from, first)) => child(from, first),
            _ => {
                return match self.modules[from].imports.get(first) {
                    Some(import) if import.first() != Some(first) => {
                        self.resolve(from, &[import, rest].concat(), depth + 1)
                    }
                    _ => Some(Use::Other(path.to_vec())),
                };
            }
        };
        while let Some((next, after)) = rest.split_first() {
            match &self.modules[&at] {
                _ if next == "super" => drop(at.pop()),
                _ if self.modules.contains_key(&child(&at, next)) => at = child(&at, next),
                module => {
                    if let Some(import) = module.imports.get(next) {
                        return self.resolve(&at, &[import, after].concat(), depth + 1);
                    }
                    break;
                }
            }
            rest = after;
        }
        (at != *from).then_some(Use::Module(at))
    }

    /// Returns the cycles of modules that use one another, each as a list of its uses: `db::a uses db::b`.
    ///
    /// A folder counts as one module among its siblings. A module and its children may use one another.
    pub(super) fn circles(&self) -> Vec<String> {
        let mut edges = BTreeMap::<(Name, Name), Vec<String>>::new();
        for (user, uses) in self.uses() {
            for used in uses.iter().filter_map(Use::module) {
                let common = user.iter().zip(used).take_while(|(a, b)| a == b).count();
                if common < user.len() && common < used.len() {
                    let (from, to) = (user[..=common].to_vec(), used[..=common].to_vec());
                    let said = format!("{} uses {}", user.join("::"), used.join("::"));
                    edges.entry((from, to)).or_default().push(said);
                }
            }
        }
        let mut reached: BTreeSet<(&Name, &Name)> = edges.keys().map(|(from, to)| (from, to)).collect();
        loop {
            let further = edges.keys().flat_map(|(from, to)| {
                let beyond = reached.iter().filter(move |(other, _)| *other == to);
                beyond.map(move |(_, beyond)| (from, *beyond))
            });
            let further: Vec<_> = further.filter(|edge| !reached.contains(edge)).collect();
            if further.is_empty() {
                break;
            }
            reached.extend(further);
        }
        let mut circles = BTreeMap::<BTreeSet<&Name>, Vec<&str>>::new();
        for ((from, _), said) in edges.iter().filter(|((from, to), _)| reached.contains(&(to, from))) {
            let circle = reached.iter().filter(|(a, b)| a == &from && reached.contains(&(b, a))).map(|(_, b)| *b);
            circles.entry(circle.chain([from]).collect()).or_default().extend(said.iter().map(String::as_str));
        }
        circles.into_values().map(|said| said.join("\n")).collect()
    }
}

/// Something that a module uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// A module of the same crate, or something in it.
    Module(Name),
    /// Something that the module does not declare, usually of another crate.
    Other(Name),
}

impl Use {
    /// Returns the module of the same crate.
    pub(super) fn module(&self) -> Option<&Name> {
        if let Self::Module(name) = self { Some(name) } else { None }
    }

    /// Returns the path that is not of the same crate.
    pub(super) fn other(&self) -> Option<&Name> {
        if let Self::Other(name) = self { Some(name) } else { None }
    }
}

fn child(of: &Name, name: &str) -> Name {
    [of.clone(), vec![name.to_owned()]].concat()
}

/// Collects the contents of a module's source.
#[derive(Default)]
struct Reader<'a> {
    module: Module,
    files: Vec<(String, Option<String>)>,
    inline: Vec<(String, &'a [Item])>,
}

impl Reader<'_> {
    fn add_path(&mut self, path: Name) {
        if path.len() > 1 || ["crate", "self", "super"].contains(&path[0].as_str()) {
            self.module.paths.insert(path);
        }
    }

    fn add_use(&mut self, mut path: Name, tree: &UseTree) {
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                self.add_use(path, &part.tree);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(path.clone(), tree)),
            UseTree::Glob(_) => {
                let own = ["crate", "self", "super"].contains(&path[0].as_str());
                assert!(!own, "name what is imported from {}: from where would be lost otherwise", path.join("::"));
                self.add_path(path);
            }
            UseTree::Name(name) => self.add_import(path, &name.ident.to_string(), &name.ident.to_string()),
            UseTree::Rename(rename) => {
                self.add_import(path, &rename.ident.to_string(), &rename.rename.to_string());
            }
        }
    }

    fn add_import(&mut self, mut path: Name, ident: &str, name: &str) {
        if ident != "self" || path.is_empty() {
            path.push(ident.to_owned());
        }
        let name = if name == "self" { path[path.len() - 1].clone() } else { name.to_owned() };
        self.module.imports.insert(name, path.clone());
        self.add_path(path);
    }

    /// Adds the paths in the arguments of a macro, which are only tokens.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Name::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) if colons == 2 && !path.is_empty() => {
                    path.push(ident.to_string());
                    colons = 0;
                }
                other => {
                    self.add_tokens_path(&mut path);
                    colons = 0;
                    match other {
                        TokenTree::Ident(ident) => path.push(ident.to_string()),
                        TokenTree::Group(group) => self.add_tokens(group.stream()),
                        _ => {}
                    }
                }
            }
        }
        self.add_tokens_path(&mut path);
    }

    fn add_tokens_path(&mut self, path: &mut Name) {
        if path.len() > 1 {
            self.add_path(path.clone());
        }
        path.clear();
    }
}

impl<'a> Visit<'a> for Reader<'a> {
    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        if is_of_tests(&item.attrs) {
            return;
        }
        let name = item.ident.to_string();
        match &item.content {
            Some((_, items)) => self.inline.push((name, items)),
            None => self.files.push((name, item.attrs.iter().find_map(path_of))),
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        if !is_of_tests(&item.attrs) {
            self.add_use(vec![], &item.tree);
        }
    }

    /// `pub(crate)` uses nothing.
    fn visit_visibility(&mut self, _: &'a Visibility) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.add_path(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'a Macro) {
        self.visit_path(&mac.path);
        self.add_tokens(mac.tokens.clone());
    }
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "test")
    })
}

/// Returns the file that `#[path = "…"]` gives to a module.
fn path_of(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(path) => Some(path.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
