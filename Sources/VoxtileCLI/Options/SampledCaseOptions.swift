import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileStore

/// Which scans patches are taken of.
struct SampledCaseOptions: ParsableArguments {
  @Option(
    name: .customLong("cases"),
    help: ArgumentHelp(
      "A table of scans, a CSV file with the columns case, image, image2 and further channels, labels.",
      valueName: "table.csv"), completion: .file(extensions: ["csv", "tsv"]))
  var table: String?

  @Flag(help: "Also take the scans in folders inside the folder.")
  var recursive = false

  /// The scans that are meant, each with its labels.
  func scans(_ inputs: [String], labels: String?, weights: String?) throws -> [SampledScan] {
    let cases = try list(inputs, labels: labels)
    return try cases.map { one in
      guard let labels = one.labels else {
        throw VoxtileError(
          .invalidOption, "scan '\(one.name)' has no labels; give a file for it in the column labels",
          context: .init(file: one.images[0]))
      }
      return SampledScan(
        one.name, images: one.images, labels: labels,
        weights: weights?.replacing("{case}", with: one.name))
    }
  }

  private func list(_ inputs: [String], labels: String?) throws -> [ScanCase] {
    if let table {
      guard inputs.isEmpty, labels == nil else {
        throw ValidationError(
          "--cases names the scans and their labels; leave out \((labels ?? inputs[0]).printable)")
      }
      return Array(try CaseTable(contentsOf: table).cases)
    }
    guard let first = inputs.first else {
      throw ValidationError("name a scan, a folder of scans, or a table with --cases")
    }
    guard let labels else {
      throw ValidationError("--labels is missing; name the labels of \(first.printable)")
    }
    if inputs.count == 1, FormatProbe(first).kind == .folder, !ImageFormats.registry.recognizes(first) {
      return try scans(inFolder: first, labels: labels)
    }
    let ending = ImageFormats.registry.ending(of: first)
    let name = String(first.fileName.dropLast(ending.map { $0.count + 1 } ?? 0))
    return [ScanCase(name, images: inputs, labels: labels)]
  }

  /// The scans of a folder, each with the labels of its name.
  private func scans(inFolder folder: String, labels: String) throws -> [ScanCase] {
    var search = CaseSearch()
    search.isRecursive = recursive
    let found = try search.cases(inFolder: folder)
    SearchOptions.say(found)
    search.naming = .single
    let files = try search.cases(inFolder: labels)
    let byName = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.images[0]) })
    return try found.map { one in
      guard let path = byName[one.name] else {
        throw VoxtileError(
          .invalidOption,
          "has no labels for scan '\(one.name)'; call them \(one.name).nii.gz, or name both in a table of scans",
          context: .init(file: labels))
      }
      var one = one
      one.labels = path
      return one
    }
  }
}
