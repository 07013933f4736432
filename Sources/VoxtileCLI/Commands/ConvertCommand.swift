import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// `voxtile convert`: an image into another file.
struct ConvertCommand: AsyncParsableCommand, ManyFilesCommand, MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write an image in another format, of another type, turned, or of one channel.",
    discussion: """
      The ending of the output chooses the format. Every value and the position stay as they are, unless an option or the \
      format says otherwise, which is then printed.

        voxtile convert scan.mha scan.nii.gz
        voxtile convert photo.png gray.png --gray
        voxtile convert scan.nii.gz slices.nii --normalize maximum --scale 255 --type uint8 --orientation RAS
        voxtile convert --cases list.csv converted --format nii.gz
      """)

  /// Which part of the image, and how it is turned.
  struct Selection: ParsableArguments {
    @Option(help: ArgumentHelp("The only channel to write, from 1: a time point or a color.", valueName: "n"))
    var channel: Int?

    @Flag(
      name: [.customLong("gray"), .customLong("grey")],
      help: "Write colors as gray: 0.299 red + 0.587 green + 0.114 blue.")
    var gray = false

    @Option(
      help: ArgumentHelp(
        "Turn the axes, by permuting and reversing them, so that they point this way.", valueName: "RAS|LPS"))
    var orientation: OrientationArgument?

    func validate() throws {
      if let channel, channel < 1 {
        throw ValidationError("--channel \(channel): channels are counted from 1")
      }
      if channel != nil, gray { throw ValidationError("--gray needs all colors; leave out --channel") }
    }
  }

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

  @OptionGroup(.inputAndOutput) var cases: CaseOptions

  @OptionGroup(.inputAndOutput) var format: ManyFormatOptions

  @OptionGroup(.result) var selection: Selection

  @OptionGroup(.result) var cleaning: CleaningOptions

  @OptionGroup(.result) var values: ValueOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.result) var chunks: ChunkOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.running) var running: CaseRunOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var planning: ManyDryRunOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func validate() throws {
    if running.reports {
      throw ValidationError(
        "--reports shows patches, and a conversion has none; voxtile report makes pages of images")
    }
    if cases.table != nil {
      guard first != nil else {
        throw ValidationError("name the folder for the images of the table")
      }
      guard second == nil else {
        throw ValidationError("--cases names the images; leave out \(input.printable)")
      }
    } else if second == nil {
      throw ValidationError(
        first == nil
          ? "name the image and the file to write, or a table with --cases and the folder for its images"
          : "name the file to write after \(input.printable)")
    }
  }

  /// The image that is converted; with a table, the one word is the folder for all results.
  private var input: String { first ?? "" }
  private var output: String { second ?? first ?? "" }

  func run() async throws {
    let inputs = cases.table == nil ? [input] : []
    if let list = try cases.list(inputs, naming: .single) { return try await runMany(list) }
    try running.checkAreNotGiven()
    try planning.checkIsNotGiven()
    let bar = ProgressBar("convert")
    defer { bar.clear() }
    let (info, record, _) = try convert(bar.progress)
    bar.clear()
    try Console.done(
      "\(output.printable): \(ImageSize(info)), \(info.scalarType.rawValue)", files: [output],
      json: printing.json ? record : nil)
  }

  /// Converts one image, and prints what should be known of that.
  private func convert(
    _ progress: JobProgress
  ) throws -> (info: VolumeInfo, record: ConversionRecord, warnings: [String]) {
    try Target.check(
      output, replacing: replacing.force, reading: ImageFormats.registry.files(of: input))
    let reader = try Input.open(input)
    let watch = Stopwatch("convert")
    var conversion = ImageConversion()
    conversion.channel = selection.channel.map { $0 - 1 }
    conversion.isGray = selection.gray
    conversion.axes = try axes(of: reader.info)
    conversion.write = WriteOptions(
      isReplacing: replacing.force, compression: compression.level, jobs: limits.limits.jobs.count)
    try chunks.apply(to: &conversion.write, over: ImageSize(reader.info), writing: [output])
    conversion.limits = limits.limits
    conversion.progress = progress
    do {
      conversion.cleaning = try cleaning.cleaning(of: reader.info)
      conversion.values = try values.map(of: conversion.selected(from: reader))
      let report = try conversion.convert(reader, to: output)
      let step = watch.step
      watch.say()
      let (warnings, notes) = sayWhatIsLost(report, of: reader.info)
      let record = ConversionRecord(
        report.info, output: output, seconds: step.seconds, remarks: warnings + notes)
      return (report.info, record, warnings)
    } catch let error as VoxtileError {
      throw error.inFile(input)
    }
  }

  /// How the axes are turned to point as asked.
  private func axes(of info: VolumeInfo) throws -> FileAxes {
    guard let target = selection.orientation?.orientation else { return .asInImage }
    guard info.metadata.place == .world, let own = Orientation(info.metadata.affine.orientation) else {
      throw VoxtileError(
        .invalidOption, "does not say where its axes point, so it cannot be turned",
        remedy: .leaveOrientation, context: .init(file: input))
    }
    let turning = own.turning(to: target).map { FileAxes.Direction($1.axis, isReversed: $1.isFlipped) }
    return FileAxes(turning) ?? .asInImage
  }

  /// Prints what the result does not hold of the image, which is asked of the file itself.
  ///
  /// - Returns: what was printed.
  private func sayWhatIsLost(
    _ report: ImageConversion.Report, of info: VolumeInfo
  ) -> (warnings: [String], notes: [String]) {
    var warnings = report.findings.remarks(as: report.info.scalarType)
    var notes: [String] = []
    if let written = try? ImageFormats.open(output).info {
      if report.wroteRealValues {
        notes.append(FormatWords.realValues(as: written.scalarType, in: output))
      }
      let losses = ConversionLosses(of: info, selected: report.info, in: written, at: output)
      warnings += losses.warnings
      notes += losses.notes
    }
    warnings.forEach(Console.warn)
    notes.forEach(Console.note)
    return (warnings, notes)
  }
}

extension ConvertCommand {
  var memoryLimit: MemoryArgument? {
    get { limits.memory }
    set { limits.memory = newValue }
  }

  var isDryRun: Bool { planning.dryRun }

  var folder: String { output }

  func result(of one: ScanCase) throws -> String {
    try cases.naming.resultName(ending: format.ending).path(of: one)
  }

  func command(for one: ScanCase, into target: String) -> ConvertCommand {
    var command = self
    (command.first, command.second) = (one.images[0], target)
    command.cases.tables.table = nil
    return command
  }

  func perform(_ progress: JobProgress) throws -> CaseFindings {
    let clock = ContinuousClock.now
    let converted = try convert(progress)
    var findings = CaseFindings(of: converted.info, patches: 0, since: clock)
    findings.warnings = converted.warnings
    return findings
  }
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
