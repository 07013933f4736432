import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileStore

/// `voxtile verify`: whether the patches are what the manifest says, and what the image holds; whether results are what was written.
struct VerifyCommand: MessagingCommand, ReadingCommand {
  private struct Report: Verdict {
    var folder: String
    var patches: Int
    var coveredVoxels: Int
    var lostVoxels: Int
    var isComparedWithInput: Bool
    var isVerified: Bool
    var findings: [PatchStore.Finding]
    var unlistedFiles: [String]
  }

  /// One of many inputs: what was found, or why nothing was.
  private struct ManyReport: Encodable {
    private enum Key: String, CodingKey { case folder, isVerified, error }
    var report: (any Verdict)?
    var folder = ""
    var error = ""

    func encode(to encoder: any Encoder) throws {
      if let report { return try report.encode(to: encoder) }
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(folder, forKey: .folder)
      try container.encode(false, forKey: .isVerified)
      try container.encode(error, forKey: .error)
    }
  }

  /// What the patches are compared with.
  struct Files: ParsableArguments {
    @Option(help: "The image that was cut; every voxel is compared.", completion: .file())
    var against: String?

    @Option(help: "The manifest; by default voxtile.json in the folder.", completion: .file())
    var manifest: String?

    @Option(
      help: ArgumentHelp(
        "How the patch files are called; by default names that common tools give are found.",
        discussion: "{name} stands for the name of a patch without its ending, as in '{name}_seg.nii.gz'.",
        valueName: "names"))
    var pattern: String?
  }

  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Check patch files against the manifest and the image they were cut from, and results against their records.",
    discussion: """
      Patches that are missing, damaged, swapped or different are listed, and the exit status is then 1. With the \
      manifest of another folder, the patches are another tool's outputs: then each must be there, readable, of the right \
      size and in the right place.

      Stored predictions are checked patch by patch. A result of infer, or a folder of results, is compared with the SHA-256 in \
      the record beside it, NAME.voxtile.json: so is each chunk of an OME-Zarr image.
      """)

  @Argument(
    help: ArgumentHelp(
      "The folder with the patch files, or with many such folders; predictions; a result, or a folder of them; or a pattern in quotes. "
        + "With --cases, the column image names any of these.", valueName: "folder"),
    completion: .file())
  var inputs: [String] = []

  @OptionGroup(.inputAndOutput) var tables: CaseTableOptions

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  /// What is checked; nothing where a table names it.
  var folder: String { inputs.first ?? "" }

  func validate() throws {
    try tables.checkInputs(inputs)
    if tables.table != nil, files.manifest != nil {
      throw ValidationError("--manifest is that of one patch folder; with --cases, each folder has its own")
    }
  }

  func run() throws {
    if let list = try tables.list(inputs) { return try verifyMany(list, named: "case") }
    if isOfPatches, files.manifest == nil, let list = try PatchFolderSearch.cases(of: folder) {
      return try verifyMany(list, named: "patch folder")
    }
    let verdict = try verify()
    if printing.json { try Console.printJSON(verdict) }
    if !verdict.isVerified { throw ExitCode.failure }
  }

  /// Whether patches are meant, and nothing else that is checked.
  private var isOfPatches: Bool {
    if ZarrPredictions.isHeld(at: folder) { return false }
    // With a manifest, the files are those of patches, which infer may have written with records.
    if files.manifest != nil { return true }
    return !SampleVerification.isSampleSet(folder) && WrittenResults(folder).isEmpty
  }

  /// Verifies the one input, and prints what was found, except as JSON.
  private func verify() throws -> any Verdict {
    if ZarrPredictions.isHeld(at: folder) { return try verifyPredictions() }
    if files.manifest == nil {
      if SampleVerification.isSampleSet(folder) { return try verifySamples() }
      let written = WrittenResults(folder)
      if !written.isEmpty { return try verifyResults(written) }
    }
    guard FormatProbe(folder).kind != .file else {
      throw VoxtileError(
        .unsupportedFormat,
        "is no folder of patches, and no record beside it says what was written (\(PredictionFiles.record(of: folder).fileName))",
        context: .init(file: folder))
    }
    try PatchFolderSearch.checkIsNoPattern(folder)
    guard FormatProbe(folder).kind != .missing else {
      throw VoxtileError(
        .fileAccess, "does not exist; name a folder or a result that does", context: .init(file: folder))
    }
    // One of many that are named; alone, it would mean all of them.
    if files.manifest == nil, PatchFolderSearch.isFolderOfPatchFolders(folder) {
      throw VoxtileError(
        .invalidOption, "holds several patch folders; give each of them a line of its own",
        context: .init(file: folder))
    }
    return try verifyPatches()
  }

  /// Verifies one patch folder, and prints what was found, except as JSON.
  private func verifyPatches() throws -> Report {
    let store = try PatchStore(contentsOf: folder, manifest: files.manifest)
    let element = store.manifest.source.info.element
    Input.sayNotes(on: [files.against].compactMap(\.self))
    let watch = Stopwatch("verify")
    let bar = ProgressBar("verify")
    defer { bar.clear() }
    let report = try store.verify(
      against: files.against, pattern: files.pattern, limits: limits.limits, progress: bar.progress)
    bar.clear()
    watch.say()
    if !printing.json { try say(report, on: store) }
    if report.coverage.lostVoxels > 0 {
      Console.note("\(Console.count(report.coverage.lostVoxels, element)) of the image in no patch")
    }
    if !report.unlistedFiles.isEmpty {
      Console.note("not in the manifest: \(report.unlistedFiles.joined(separator: ", ").printable)")
    }
    return Report(
      folder: folder, patches: store.manifest.grid.count, coveredVoxels: report.coverage.coveredVoxels,
      lostVoxels: report.coverage.lostVoxels, isComparedWithInput: files.against != nil,
      isVerified: report.findings.isEmpty, findings: report.findings, unlistedFiles: report.unlistedFiles)
  }

  /// Prints what was found in a patch folder.
  private func say(_ report: PatchStore.VerifyReport, on store: PatchStore) throws {
    let count = store.manifest.grid.count
    if let against = files.against, isOtherImage(report.findings, of: store) {
      try Console.result(
        "\(against.printable): different: not the image that the patches were cut from (\(store.manifest.source.name.printable)), or changed since; "
          + "all \(Console.count(count, "patch")) are as written, and all differ from it")
    } else {
      try report.findings.forEach {
        try Console.result("\($0.file): \($0.kind.rawValue): \($0.message)".printable)
      }
    }
    guard report.findings.isEmpty else { return }
    let element = store.manifest.source.info.element
    let compared = files.against.map { ", and with the \(element)s of \($0.printable)" } ?? ""
    let verdict =
      store.holdsCutPatches
      ? "all as written" : "all there, readable, of the right size and in the right place"
    try Console.result("\(Console.count(count, "patch")), \(verdict)\(compared)")
  }

  /// Verifies many inputs, each as if it were the only one. As JSON, all are one array.
  ///
  /// - Parameter what: what each of them is.
  /// - Throws: `ExitCode.failure` where something is wrong with one.
  private func verifyMany(_ list: CaseList, named what: String) throws {
    guard files.against == nil else {
      throw ValidationError("--against names the image of one patch folder, and there are \(list.count)")
    }
    if let one = list.first(where: { $0.images.count > 1 }) {
      throw ValidationError(
        "case '\(one.name.printable)' has \(one.images.count) images, and verify takes one; leave out the columns after image"
      )
    }
    var reports: [ManyReport] = []
    for one in list {
      var command = self
      command.inputs = one.images
      command.tables.table = nil
      do {
        if !printing.json { Console.note("\(one.name.printable):") }
        reports.append(ManyReport(report: try command.verify()))
      } catch let error as VoxtileError {
        let words = error.description { $0.inOptions }
        Console.error("\(one.name.printable): \(words)")
        reports.append(ManyReport(folder: one.images[0], error: words))
      }
    }
    let wrong = zip(list, reports).filter { $1.report?.isVerified != true }.map(\.0.name)
    if printing.json {
      try Console.printJSON(reports)
    } else {
      try Console.result(
        "\(list.count - wrong.count) of \(Console.count(list.count, what)) verified")
    }
    guard wrong.isEmpty else {
      Console.error("wrong    \(wrong.joined(separator: ", ").printable)")
      throw ExitCode.failure
    }
  }

  /// Whether nothing is wrong with any patch, but all differ from the image that was named: then it is the image that is wrong.
  private func isOtherImage(_ findings: [PatchStore.Finding], of store: PatchStore) -> Bool {
    store.holdsCutPatches && findings.count > 1 && findings.count == store.manifest.grid.count
      && findings.allSatisfy { $0.kind == .different }
  }
}

/// What was found in patches, predictions or results.
protocol Verdict: Encodable {
  /// Whether nothing is wrong.
  var isVerified: Bool { get }
}
