import ArgumentParser
import Synchronization
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile report`: an image or a patch folder as a page to look at, or many.
struct ReportCommand: AsyncParsableCommand, ManyFilesCommand, MessagingCommand, ReadingCommand {
  /// What is written.
  struct Output: ParsableArguments {
    @Option(
      name: [.short, .long],
      help: "The page to write; of many images or patch folders, the folder for the pages.",
      completion: .file(extensions: ["html"]))
    var output: String?

    @Option(
      help: ArgumentHelp(
        "A GIF to write, in which the patches move over the image and reveal the labels of --overlay; with a page or alone. "
          + "Of many images or patch folders, a folder for the GIFs; --output is needed then.",
        valueName: "gif"),
      completion: .file(extensions: ["gif"]))
    var animate: String?

    func validate() throws {
      guard output != nil || animate != nil else {
        throw ValidationError(
          "nothing would be written; name the page with --output, or a GIF with --animate")
      }
      if let output, let animate, FilePlace(output) == FilePlace(animate) {
        throw ValidationError("--output and --animate are the same; name another one")
      }
    }

    /// The files to write for one input.
    func files() throws -> [String] {
      if let animate, !animate.lowercased().hasSuffix(".gif") {
        throw ValidationError("--animate writes a GIF, but \(animate.printable) does not end in .gif")
      }
      return [output, animate].compactMap(\.self)
    }

    /// The page of training patches, which have no animation.
    func samplesPage() throws -> String {
      guard animate == nil, let output else {
        throw ValidationError(
          "--animate shows an image or a patch folder, and this is a set of training patches; give --output instead"
        )
      }
      return output
    }

    /// Says how many inputs there are.
    static func thereAre(_ count: Int) -> String {
      "there \(count == 1 ? "is" : "are") \(Console.count(count, "input"))"
    }

    /// Makes sure that both are folders, for many inputs.
    func checkAreFolders(_ count: Int) throws {
      guard output != nil else {
        throw ValidationError("\(Self.thereAre(count)), so --output is needed: the folder for their pages")
      }
      let isFile = animate.map { FormatProbe($0).kind == .file } ?? false
      if let animate, isFile || animate.lowercased().hasSuffix(".gif") {
        throw ValidationError(
          "\(animate.printable) is \(isFile ? "a file" : "one GIF"), and \(Self.thereAre(count)); name a folder with --animate"
        )
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Write a page that shows an image, its patches, and what a merge gave; or a set of training patches.",
    discussion: """
      The page is one HTML file that works offline. The manifest of a patch folder says how it was cut; for an image, \
      give --patch and the other options of the grid, as for plan. The page of a set that sample made shows where its patches lie \
      and why, how often each lesion is seen, and the balance of the labels.

      Of a folder of images or of patch folders, each gets a page, and index.html shows all. --overlay and --merged are then \
      folders, whose files are called as the images or patch folders are. The column labels of a table for --cases is one more overlay.

        voxtile report scans --overlay predictions --patch 96 --output pages

      --animate writes a GIF for a README or a talk, instead of a page or with one: about 480 pixels wide, with at most 120 patches, \
      ten a second.

        voxtile report brain.nii.gz --patch 64 --overlap 50% --overlay labels.nii.gz --animate brain.gif
      """)

  @Argument(
    help: ArgumentHelp(
      "A patch folder, an image, or a set of training patches. Or many: a folder of images or of patch folders, or a pattern in quotes.",
      valueName: "input"), completion: .file())
  var inputs: [String] = []

  @OptionGroup(.inputAndOutput) var target: Output

  @OptionGroup(.inputAndOutput) var cases: CaseOptions

  @OptionGroup var shown: ShownOptions

  @OptionGroup(.running) var running: CaseRunOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var planning: ManyDryRunOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func validate() throws {
    if running.reports {
      throw ValidationError(
        "--reports writes pages beside other results, and this command writes pages; leave it out")
    }
    try cases.checkInputs(inputs)
  }

  func run() async throws {
    if cases.table == nil, SampleVerification.isSampleSet(input) { return try runSamples() }
    if let list = try manyInputs() { return try await runMany(list) }
    try running.checkAreNotGiven()
    try cases.checkAreNotGiven()
    try planning.checkIsNotGiven()
    if printing.json {
      throw ValidationError("--json is for many images; the page of one is all that is written")
    }
    try writePage()
  }

  /// - Returns: how many patches are shown, and what makes them doubtful.
  @discardableResult private func writePage() throws -> (patches: Int, warnings: [String]) {
    let request = try shown.request(of: input)
    let files = try target.files()
    if target.animate != nil { try ReportAnimation.checkCanBeWritten() }
    let data = try Page.data(
      of: request, for: files, replacing: replacing.force,
      reading: [shown.files.manifest].compactMap(\.self) + shown.files.labelTable)
    if let output = target.output { try Page.write(data, to: output, replacing: replacing.force) }
    if let animate = target.animate { try Page.animate(data, to: animate, replacing: replacing.force) }
    return (request.grid.count, [data.patchPictures?.remark].compactMap(\.self))
  }

  /// Writes the page of a set of training patches.
  private func runSamples() throws {
    try shown.checkSuitsSamples(input)
    let output = try target.samplesPage()
    var read = try SampleSetFiles(contentsOf: input).allFiles + [shown.files.against].compactMap(\.self)
    // Any file of that folder may be a scan.
    if let scans = shown.files.against, Target.isInside(output, scans) { read.append(output) }
    try Page.checkTarget(output, replacing: replacing.force, reading: read)
    try Page.write(
      ofSamples: input, scans: shown.files.against, to: output, limits: shown.limits.limits,
      replacing: replacing.force)
  }
}

// MARK: - Many

extension ReportCommand {
  var isDryRun: Bool { planning.dryRun }

  var folder: String { target.output ?? "" }

  /// What is shown; nothing where a table names the images.
  private var input: String { inputs.first ?? "" }

  var memoryLimit: MemoryArgument? {
    get { shown.limits.memory }
    set { shown.limits.memory = newValue }
  }

  /// The images or patch folders that are meant; `nil` where the input is one.
  private func manyInputs() throws -> CaseList? {
    let isTable = cases.table != nil
    if !isTable, PatchFolderSearch.isPatchFolder(input) || shown.files.manifest != nil { return nil }
    let cut = isTable ? nil : try PatchFolderSearch.cases(of: input)
    guard let list = try cut ?? cases.list(inputs, naming: .single, using: [.labels]) else { return nil }
    try target.checkAreFolders(list.count)
    let areCut = cut != nil || list.contains { PatchFolderSearch.isPatchFolder($0.images[0]) }
    guard areCut || shown.grid.patch != nil else {
      throw ValidationError(
        "\((cases.table ?? input).printable) names images, so their pages need --patch")
    }
    if shown.files.against != nil {
      throw ValidationError(
        "--against names the image of one patch folder, and \(Output.thereAre(list.count))")
    }
    // The same for all inputs, and perhaps the wrong files.
    for table in shown.files.labelTable { _ = try LabelTable(contentsOf: table) }
    let given = shown.files.overlay + [shown.files.merged].compactMap(\.self)
    for path in given where FormatProbe(path).kind != .folder || ImageFormats.registry.recognizes(path) {
      throw ValidationError(
        "\(path.printable) is one image, and \(Output.thereAre(list.count)); name a folder whose files are called as they are"
      )
    }
    for path in given {
      let files = try companions(in: path)
      let missing = list.filter { files[$0.name] == nil }.map(\.name)
      guard missing.count < list.count else {
        throw VoxtileError(
          .invalidOption,
          "has no file of any of these inputs, such as \(missing[0]); its files have to be called as the inputs are",
          context: .init(file: path))
      }
      if let first = missing.first {
        Console.warn(
          "\(path.printable) has no file of \(Console.count(missing.count, "input")), such as \(first.printable)"
        )
      }
    }
    return list
  }

  /// The folders that were searched for images, which is done once for all inputs.
  private static let searched = Mutex<[String: [String: String]]>([:])

  /// The images of a folder by the names of the inputs that they belong to.
  private func companions(in folder: String) throws -> [String: String] {
    try Self.searched.withLock { searched in
      if let found = searched[folder] { return found }
      let found = try EvaluationPairs.labelMaps(folder, isRecursive: cases.folders.search.recursive)
      searched[folder] = found
      return found
    }
  }

  /// The images that are shown over one of many inputs, and the one that was merged of it.
  private func companions(of one: ScanCase) -> (overlays: [String], tables: [String], merged: String?) {
    func companion(in folder: String) -> String? { (try? companions(in: folder))?[one.name] }
    let overlays = shown.files.overlay.map(companion)
    // The labels that a table of scans names are the last overlay.
    let found = overlays + [one.labels]
    var tables = shown.files.labelTable
    // A table goes where its overlay is missing.
    if tables.count > 1, [overlays.count, found.count].contains(tables.count) {
      tables = zip(tables, found).filter { $0.1 != nil }.map(\.0)
    }
    return (found.compactMap(\.self), tables, shown.files.merged.flatMap(companion))
  }

  func filesRead(for one: ScanCase) -> [String] {
    let (overlays, _, merged) = companions(of: one)
    return one.images + overlays + [merged].compactMap(\.self)
  }

  func result(of one: ScanCase) throws -> String {
    try cases.naming.resultName(ending: "html").path(of: one)
  }

  func results(of one: ScanCase) throws -> [CaseResult] {
    let page = try result(of: one)
    return [CaseResult(page)] + [animation(besidePage: page)].compactMap(\.self)
  }

  /// The GIF of a page: it lies in its folder as the page does in its own.
  ///
  /// - Parameter page: the path below the folder of pages.
  private func animation(besidePage page: String) -> CaseResult? {
    target.animate.map {
      CaseResult(
        "\(page.dropLast(".html".count)).gif", kind: "animation", in: $0.withoutSlashesAtEnd)
    }
  }

  func command(for one: ScanCase, into target: String) -> ReportCommand {
    var command = self
    command.inputs = [one.images[0]]
    command.cases.tables.table = nil
    command.target.output = target
    let page = String(target.dropFirst(folder.count + 1))
    command.target.animate = animation(besidePage: page)?.path(in: folder)
    (command.shown.files.overlay, command.shown.files.labelTable, command.shown.files.merged) = companions(
      of: one)
    return command
  }

  func perform(_ progress: JobProgress) throws -> CaseFindings {
    let clock = ContinuousClock.now
    let (patches, warnings) = try writePage()
    let isPatchFolder = PatchFolderSearch.isPatchFolder(input)
    let info =
      isPatchFolder
      ? try PatchStore(contentsOf: input).manifest.source.info : try ImageFormats.open(input).info
    var findings = CaseFindings(of: info, patches: patches, since: clock)
    findings.warnings = warnings
    return findings
  }
}
