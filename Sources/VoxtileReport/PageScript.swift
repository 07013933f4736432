/// The JavaScript of each page: the modules in the folder Page, joined into one script.
///
/// The files are ES modules, so that editors and linters see which module uses what. The page cannot load them as
/// modules, because browsers refuse imports in a page opened from disk. So the `import` lines are removed here, and
/// all modules share the scope of one script.
enum PageScript {
  /// The modules of the page of an image, each one after the modules that it imports. No other file lists them.
  static let modules: [(name: String, source: [UInt8])] = [
    ("base.js", PackageResources.base_js),
    ("theme.js", PackageResources.theme_js),
    ("colormaps.js", PackageResources.colormaps_js),
    ("labelStyles.js", PackageResources.labelStyles_js),
    ("finer.js", PackageResources.finer_js),
    ("layers.js", PackageResources.layers_js),
    ("overlays.js", PackageResources.overlays_js),
    ("grid.js", PackageResources.grid_js),
    ("layout.js", PackageResources.layout_js),
    ("coverage.js", PackageResources.coverage_js),
    ("ruler.js", PackageResources.ruler_js),
    ("viewport.js", PackageResources.viewport_js),
    ("marks.js", PackageResources.marks_js),
    ("gestures.js", PackageResources.gestures_js),
    ("slices.js", PackageResources.slices_js),
    ("space.js", PackageResources.space_js),
    ("steps.js", PackageResources.steps_js),
    ("words.js", PackageResources.words_js),
    ("charts.js", PackageResources.charts_js),
    ("worst.js", PackageResources.worst_js),
    ("patchFiles.js", PackageResources.patchFiles_js),
    ("compare.js", PackageResources.compare_js),
    ("seams.js", PackageResources.seams_js),
    ("sheet.js", PackageResources.sheet_js),
    ("results.js", PackageResources.results_js),
    ("numbers.js", PackageResources.numbers_js),
    ("windowing.js", PackageResources.windowing_js),
    ("overlayControls.js", PackageResources.overlayControls_js),
    ("controls.js", PackageResources.controls_js),
    ("labels.js", PackageResources.labels_js),
    ("verdict.js", PackageResources.verdict_js),
    ("readout.js", PackageResources.readout_js),
    ("link.js", PackageResources.link_js),
    ("picture.js", PackageResources.picture_js),
    ("screen.js", PackageResources.screen_js),
    ("keys.js", PackageResources.keys_js),
    ("toolbar.js", PackageResources.toolbar_js),
    ("main.js", PackageResources.main_js),
  ]

  /// The modules of the page of many cases, in the same order.
  static let cohortModules: [(name: String, source: [UInt8])] = [
    ("base.js", PackageResources.base_js),
    ("theme.js", PackageResources.theme_js),
    ("cases.js", PackageResources.cases_js),
    ("cohort.js", PackageResources.cohort_js),
  ]

  /// The modules of the page of training patches, in the same order.
  static let sampleModules: [(name: String, source: [UInt8])] = [
    ("base.js", PackageResources.base_js),
    ("theme.js", PackageResources.theme_js),
    ("charts.js", PackageResources.charts_js),
    ("reasons.js", PackageResources.reasons_js),
    ("patchMap.js", PackageResources.patchMap_js),
    ("lesions.js", PackageResources.lesions_js),
    ("balance.js", PackageResources.balance_js),
    ("contacts.js", PackageResources.contacts_js),
    ("samples.js", PackageResources.samples_js),
  ]

  /// The modules of the page that is shown while images are read.
  static let waitingModules: [(name: String, source: [UInt8])] = [
    ("base.js", PackageResources.base_js),
    ("waiting.js", PackageResources.waiting_js),
  ]

  /// The script of the page of an image.
  static let joined = script(joining: modules)

  /// The script of the page of many cases.
  static let cohort = script(joining: cohortModules)

  /// The script of the page of training patches.
  static let samples = script(joining: sampleModules)

  /// The script of the page that is shown while images are read.
  static let waiting = script(joining: waitingModules)

  /// Modules as one strict script.
  private static func script(joining modules: [(name: String, source: [UInt8])]) -> [UInt8] {
    Array("'use strict';\n".utf8) + modules.map { script(of: $0.source) }.joined(separator: [0x0A])
  }

  /// Removes the `import` lines of a module, and the word `export` in front of its declarations.
  static func script(of module: [UInt8]) -> [UInt8] {
    let export = Array("export ".utf8)
    let lines = module.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .filter { !$0.starts(with: "import ".utf8) }
      .map { $0.starts(with: export) ? $0.dropFirst(export.count) : $0 }
    return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }
}
