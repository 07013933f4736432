/// The page's program: the modules of the folder Page, joined to one script.
///
/// The files are ES modules, so that editors and linters see who uses what. The page cannot load them as such: a
/// browser refuses to import from a page that was opened from disk, and the page is one file. So the lines that
/// import are left out here, and all modules share the scope of one script.
enum PageScript {
  /// All modules in the order in which they run: each one after those that it imports. This is their only list.
  static let modules: [(name: String, source: [UInt8])] = [
    ("base.js", PackageResources.base_js),
    ("finer.js", PackageResources.finer_js),
    ("layers.js", PackageResources.layers_js),
    ("grid.js", PackageResources.grid_js),
    ("slices.js", PackageResources.slices_js),
    ("space.js", PackageResources.space_js),
    ("steps.js", PackageResources.steps_js),
    ("sheet.js", PackageResources.sheet_js),
    ("words.js", PackageResources.words_js),
    ("charts.js", PackageResources.charts_js),
    ("numbers.js", PackageResources.numbers_js),
    ("main.js", PackageResources.main_js),
  ]

  /// All modules as one strict script.
  static let joined: [UInt8] =
    Array("'use strict';\n".utf8) + modules.map { script(of: $0.source) }.joined(separator: [0x0A])

  /// A module without the lines that import, and without the word `export` before what it declares.
  static func script(of module: [UInt8]) -> [UInt8] {
    let export = Array("export ".utf8)
    let lines = module.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .filter { !$0.starts(with: "import ".utf8) }
      .map { $0.starts(with: export) ? $0.dropFirst(export.count) : $0 }
    return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }
}
