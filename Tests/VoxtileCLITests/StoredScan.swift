import Testing
import Voxtile
import VoxtileTestSupport

/// A scan whose predictions are stored, for the tests of storing and of merging them.
extension Program {
  /// What `infer --json` says of stored predictions.
  struct Stored: Decodable {
    var patches: Int
    var kept: Int
    var predicted: Int
    var before: Int
    var isComplete: Bool
  }

  /// The arguments after `infer`, but for what is written.
  static let storedSettings = [
    "a.nii.gz", "--patch", "6", "--overlap", "3", "--normalize", "zscore", "--spacing", "keep", "--model",
    model("two_classes"),
  ]

  /// Writes the scan.
  func makeStoredScan() throws {
    try makeImage("a.nii.gz", Extent(width: 14, height: 11, depth: 19))
  }

  /// Predicts it with further arguments.
  func inferStored(_ arguments: String...) throws -> Run {
    try run(["infer"] + Self.storedSettings + arguments)
  }

  /// Stores the predictions of a part in `p.zarr`.
  func store(_ part: String) throws -> Stored {
    let run = try inferStored(
      "--output-kind", "predictions", "-o", "p.zarr", "--part", part, "--json")
    #expect(run.status == 0, "\(run.messages)")
    return try run.json(Stored.self)
  }
}
