import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats

/// A command that makes an image of one image, and so many of many.
protocol ImageToImageCommand: AsyncParsableCommand, ManyFilesCommand {
  var images: ImageArguments { get set }
  var cases: CaseOptions { get set }
  var format: ManyFormatOptions { get }
  var limits: LimitOptions { get set }
  var planning: ManyDryRunOptions { get }

  /// Makes the one image, and prints what should be known of that.
  func make(_ progress: JobProgress) throws -> MadeImage
}

/// An image that was made of another one.
struct MadeImage {
  /// What was written.
  let info: VolumeInfo
  /// The size, the type, and what else a person is told of it.
  let words: String
  /// What was printed that makes the image doubtful.
  let warnings: [String]
  /// What `--json` prints of one image.
  let record: ConversionRecord
}

extension ImageToImageCommand {
  /// The image that is read; with a table, none is named.
  var input: String { images.first ?? "" }

  /// The file that is written; with a table, the one word is the folder for all results.
  var output: String { images.second ?? images.first ?? "" }

  /// Checks that what is read and written is named, and that many images get no pages.
  func checkImages() throws {
    if running.reports {
      let name = Self.configuration.commandName ?? ""
      throw ValidationError(
        "--reports shows patches, and \(name) makes none; voxtile report makes pages of images")
    }
    if cases.table != nil {
      guard images.first != nil else {
        throw ValidationError("name the folder for the images of the table")
      }
      guard images.second == nil else {
        throw ValidationError("--cases names the images; leave out \(input.printable)")
      }
    } else if images.second == nil {
      throw ValidationError(
        images.first == nil
          ? "name the image and the file to write, or a table with --cases and the folder for its images"
          : "name the file to write after \(input.printable)")
    }
  }

  /// Makes the image, or those of many.
  func runOneOrMany() async throws {
    let inputs = cases.table == nil ? [input] : []
    if let list = try cases.list(inputs, naming: .single) { return try await runMany(list) }
    if let ending = format.ending {
      throw ValidationError(
        "--format \(ending) is for many images; of one, the ending of \(output.printable) chooses the format")
    }
    try running.checkAreNotGiven()
    try cases.checkAreNotGiven()
    try planning.checkIsNotGiven()
    let bar = ProgressBar(Self.configuration.commandName ?? "")
    defer { bar.clear() }
    let made = try make(bar.progress)
    bar.clear()
    try Console.done(
      "\(output.printable): \(made.words)", files: [output], json: printing.json ? made.record : nil)
  }

  /// Prints what the result does not hold of the image, which is asked of the file itself.
  ///
  /// - Parameters:
  ///   - image: the image as it was read.
  ///   - selected: what was to be written of it.
  ///   - more: what else is to be said.
  ///   - wroteRealValues: whether stored values were replaced by what they stand for.
  /// - Returns: what was printed.
  func sayWhatIsLost(
    of image: VolumeInfo, selected: VolumeInfo, more: (warnings: [String], notes: [String]),
    wroteRealValues: Bool = false
  ) -> (warnings: [String], notes: [String]) {
    var (warnings, notes) = more
    if let written = try? ImageFormats.open(output).info {
      if wroteRealValues { notes.append(FormatWords.realValues(as: written.scalarType, in: output)) }
      let losses = ConversionLosses(of: image, selected: selected, in: written, at: output)
      warnings += losses.warnings
      notes += losses.notes
    }
    warnings.forEach(Console.warn)
    notes.forEach(Console.remark)
    return (warnings, notes)
  }

  var memoryLimit: MemoryArgument? {
    get { limits.memory }
    set { limits.memory = newValue }
  }

  var isDryRun: Bool { planning.dryRun }

  var folder: String { output }

  func result(of one: ScanCase) throws -> String {
    try cases.naming.resultName(ending: format.ending).path(of: one)
  }

  func command(for one: ScanCase, into target: String) -> Self {
    var command = self
    (command.images.first, command.images.second) = (one.images[0], target)
    command.cases.tables.table = nil
    return command
  }

  func perform(_ progress: JobProgress) throws -> CaseFindings {
    let clock = ContinuousClock.now
    let made = try make(progress)
    var findings = CaseFindings(of: made.info, patches: 0, since: clock)
    findings.warnings = made.warnings
    return findings
  }
}

/// The image that is read and the file that is written, or many of them and their folder.
struct ImageArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The image or volume; or many: a folder of them, or a pattern in quotes such as 'study/**/*.mha'. With --cases, leave it out.",
      valueName: "input"),
    completion: .file())
  var first: String?

  @Argument(
    help: ArgumentHelp("The file to write; of many images, the folder for them.", valueName: "output"),
    completion: .file())
  var second: String?
}

/// The format of many results.
struct ManyFormatOptions: ParsableArguments {
  @Option(
    name: .customLong("format"),
    help: ArgumentHelp(
      "Of many images: the format of the results, as the ending of their names (default: that of each image where it can be written, "
        + "else nii.gz).", valueName: "nii.gz"))
  var ending: String?

  func validate() throws {
    guard let ending else { return }
    guard ImageFormats.registry.formats.contains(where: { $0.writableEndings.contains(ending) }) else {
      let known = ImageFormats.registry.formats.flatMap { $0.writableEndings }
      throw ValidationError(
        "--format \(ending) is no format that is written here; use \(known.joined(separator: ", "))")
    }
  }
}
