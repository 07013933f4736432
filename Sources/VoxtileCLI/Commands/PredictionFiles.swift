import Voxtile
import VoxtileFormats
import VoxtileInference

/// The files of a prediction: what is read, and what is written.
struct PredictionFiles {
  /// The images of the scan, each with the files that it may consist of.
  let inputs: [String]
  /// The mask, if there is one.
  let mask: String?
  /// The true labels, if results are compared with some.
  var truth: String? = nil
  /// The networks.
  let networks: [String]
  /// Each kind of output with its file.
  let targets: [(kind: PredictionKind, path: String)]
  /// The page, if one is written.
  let page: String?

  /// The record that lies beside a result and says how it was made.
  static func record(of output: String) -> String { output.withoutSlashesAtEnd + ".voxtile.json" }

  private func files(of image: String) -> [String] { ImageFormats.registry.files(of: image) }

  /// Everything that is read.
  var read: [String] { (inputs + [mask, truth].compactMap(\.self)).flatMap(files) + networks }

  /// Makes sure that none of some files is written over.
  func checkAreNotRead(_ files: [String]) throws {
    for path in targets.flatMap({ [$0.path, Self.record(of: $0.path)] }) + [page].compactMap(\.self) {
      try Target.checkIsNotRead(path, files)
    }
  }

  /// Checks before long work that everything can be written, and that nothing that is read is written over.
  func check(replacing isReplacing: Bool) throws {
    let outputs = targets.map(\.path)
    for path in outputs {
      try Target.check(path, replacing: isReplacing, reading: read)
      try Target.checkIsNotRead(Self.record(of: path), read)
    }
    if let page { try Page.checkTarget(page, replacing: isReplacing, reading: read) }
    try Target.checkAreDistinct(outputs.flatMap { [$0, Self.record(of: $0)] } + [page].compactMap(\.self))
    for path in outputs { try Target.checkFile(Self.record(of: path), replacing: isReplacing) }
  }
}
