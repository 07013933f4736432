import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats

/// `voxtile evaluate`: how well labels were predicted.
struct EvaluateCommand: MessagingCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare predicted label maps with the true ones: Dice, surface distances, volumes, lesions.",
    discussion: """
      Two files, or two folders whose files are called alike but for their endings. A label that a mask lacks makes a score \
      undefined, which is neither 0 nor perfect, and is counted; a label that was missed has a Dice of 0. Cases without a \
      prediction are named, and the exit status is then 1.

        voxtile evaluate prediction.nii.gz truth.nii.gz
        voxtile evaluate predictions/ labelsTs/ --tolerance 2 --output scores/
      """)

  /// Which files are compared, and where the result goes.
  struct Files: ParsableArguments {
    @Option(
      name: [.short, .long],
      help: ArgumentHelp(
        "Where to write the scores of each case: a .json or .csv file, or a folder for evaluation.json and evaluation.csv.",
        valueName: "folder|file"), completion: .file())
    var output: String?

    @Option(
      help: ArgumentHelp(
        "What predictions are called; {case} stands for the name of the true labels.",
        valueName: "'{case}_seg'"))
    var name = "{case}"

    @Flag(help: "Also compare the files in folders inside the folders.")
    var recursive = false

    func validate() throws {
      guard name.contains("{case}") else {
        throw ValidationError("--name '\(name.printable)' is the same for all cases; put {case} into it")
      }
    }
  }

  @Argument(help: "The predicted labels: a file, or a folder.", completion: .file())
  var predictions: String

  @Argument(help: "The true labels: a file, or a folder.", completion: .file())
  var labels: String

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.result) var measuring: MeasureOptions

  @OptionGroup(.limits) var threads: ThreadOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    let pairs = try EvaluationPairs(
      predictions: predictions, references: labels, name: files.name, isRecursive: files.recursive)
    try checkOutput(pairs)
    let watch = Stopwatch("evaluate")
    let bar = ProgressBar("evaluate")
    defer { bar.clear() }
    let evaluation = try Evaluation(
      of: pairs, settings: measuring.settings(jobs: threads.jobs),
      names: LabelNames(besideReferences: labels),
      progress: bar.progress)
    bar.clear()
    watch.say()
    sayRemarks(on: evaluation)
    let written = try files.output.map { try evaluation.write(to: $0, replacing: replacing.force) } ?? []
    if printing.json {
      try Console.printJSON(evaluation)
    } else {
      try EvaluationTable(evaluation).lines.forEach { try Console.result($0) }
    }
    for path in written { Console.note("wrote \(path.printable)") }
    if !evaluation.isComplete { throw ExitCode(1) }
  }

  /// Checks before the work that the result can be written.
  private func checkOutput(_ pairs: EvaluationPairs) throws {
    guard let output = files.output else { return }
    for file in Evaluation.files(of: output) where file == output || FileIdentity(file) != nil {
      try Target.checkIsNotRead(file, pairs.pairs.flatMap { [$0.prediction, $0.reference] })
      try Target.checkFile(file, replacing: replacing.force)
    }
  }

  private func sayRemarks(on evaluation: Evaluation) {
    for one in evaluation.cases {
      for note in one.notes { Console.note("\(one.pair.prediction.printable) \(note.printable)") }
    }
    if evaluation.cases.contains(where: { $0.spacing == nil }) {
      Console.warn("images without a voxel size are measured in pixels, not in mm")
    }
    for failure in evaluation.failures {
      Console.error("Error: \(failure.pair.name.printable): \(failure.error.description { $0.inOptions })")
    }
    for missing in evaluation.withoutPrediction {
      Console.error("Error: \(missing.name.printable): no prediction for \(missing.path.printable)")
    }
    if let first = evaluation.withoutReference.first {
      let others = evaluation.withoutReference.count - 1
      Console.note(
        "without true labels, and left out: \(first.path.printable)"
          + (others > 0 ? " and \(Console.count(others, "other file"))" : ""))
    }
  }
}
