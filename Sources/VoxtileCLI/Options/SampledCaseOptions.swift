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

  @OptionGroup var search: SearchOptions

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
      return Array(try CaseTableOptions.scans(inTable: table, using: [.labels]))
    }
    guard let first = inputs.first else {
      throw ValidationError("name a scan, a folder of scans, or a table with --cases")
    }
    guard let labels else {
      throw ValidationError("--labels is missing; name the labels of \(first.printable)")
    }
    if inputs.count == 1, let found = try search.list(first, naming: .automatic(channels: nil)) {
      return try scans(found, labels: labels)
    }
    return [ScanCase(ImageFormats.registry.stem(of: first.fileName), images: inputs, labels: labels)]
  }

  /// Scans, each with the labels of its name, which lie in a folder.
  private func scans(_ found: CaseList, labels: String) throws -> [ScanCase] {
    var search = CaseSearch()
    search.isRecursive = self.search.recursive
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
