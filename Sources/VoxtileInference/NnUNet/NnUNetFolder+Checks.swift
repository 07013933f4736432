import Voxtile

extension NnUNetFolder {
  /// The normalizations that are known.
  private static let schemes: Set = [
    "ZScoreNormalization", "CTNormalization", "NoNormalization", "RescaleTo01Normalization",
    "RGBTo01Normalization",
  ]
  /// The readers whose axes are known.
  private static let readers: Set = [
    "SimpleITKIO", "SimpleITKIOWithReorient", "NibabelIO", "NibabelIOWithReorient",
  ]

  /// Throws where the folder makes no sense, or needs a part of nnU-Net that is not known.
  func check() throws(VoxtileError) {
    let file = "\(path)/voxtile-nnunet.json"
    guard export.format == "voxtile-nnunet-1" else {
      throw Self.malformed(
        file, "has the format '\(export.format)', not voxtile-nnunet-1; use a newer program")
    }
    guard !models.isEmpty else { throw Self.malformed(file, "names no network") }
    guard export.headLabels.count == export.heads, export.headLabels.allSatisfy({ !$0.isEmpty }) else {
      throw Self.malformed(file, "has labels for \(export.headLabels.count) heads, not for \(export.heads)")
    }
    guard !export.regions || export.regionsClassOrder?.count == export.heads else {
      throw Self.malformed(
        file, "has \(export.regionsClassOrder?.count ?? 0) labels for \(export.heads) regions")
    }
    try checkParts()
    try checkSizes()
  }

  /// Throws where someone else's part of nnU-Net is needed.
  private func checkParts() throws(VoxtileError) {
    if let stage = plan.previousStage {
      throw .notKnown("a cascade after '\(stage)'", "a configuration of its own", path)
    }
    if let name = plan.preprocessor, name != "DefaultPreprocessor" {
      throw .notKnown("the preprocessor '\(name)'", "DefaultPreprocessor", path)
    }
    if let name = plans.labelManager, name != "LabelManager" {
      throw .notKnown("the label manager '\(name)'", "LabelManager", path)
    }
    guard Self.readers.contains(reader) else {
      throw .notKnown("the reader '\(reader)'", Self.readers.sorted().joined(separator: ", "), path)
    }
    for name in plan.schemes ?? [] where !Self.schemes.contains(name) {
      throw .notKnown("the normalization '\(name)'", Self.schemes.sorted().joined(separator: ", "), path)
    }
    guard (images.convention == nil) == (logits.convention == nil) else {
      throw .notKnown("a resampling only one way", "a resampling of images and logits, or of neither", path)
    }
  }

  /// Throws where sizes and lists do not fit each other.
  private func checkSizes() throws(VoxtileError) {
    let file = "\(path)/plans.json"
    let (patch, spacing) = (plan.patch ?? [], plan.spacing ?? [])
    guard (2...3).contains(patch.count), patch.allSatisfy({ (1...AxisTiling.longest).contains($0) }) else {
      throw Self.malformed(file, "has the patch \(patch), not two or three sizes")
    }
    guard spacing.count == patch.count, spacing.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw Self.malformed(file, "has the spacing \(spacing) for the patch \(patch)")
    }
    guard plans.transpose.sorted() == [0, 1, 2] else {
      throw Self.malformed(file, "has the order of axes \(plans.transpose), not 0, 1 and 2 in some order")
    }
    guard export.mirroringAxes.allSatisfy({ patch.indices.contains($0) }) else {
      throw Self.malformed(
        "\(path)/voxtile-nnunet.json", "mirrors the axes \(export.mirroringAxes) of a patch of \(patch.count)"
      )
    }
    for (channel, name) in (plan.schemes ?? []).enumerated() where name == "CTNormalization" {
      guard let known = plans.intensities?["\(channel)"],
        [known.low, known.high, known.mean, known.deviation].allSatisfy(\.isFinite), known.low <= known.high
      else { throw Self.malformed(file, "does not say the intensities of channel \(channel)") }
    }
    guard plan.schemes?.isEmpty == false else { throw Self.malformed(file, "names no normalization") }
  }
}

extension VoxtileError {
  /// A part of nnU-Net that is not known.
  static func notKnown(_ what: String, _ known: String, _ path: String) -> VoxtileError {
    VoxtileError(
      .modelNotUsable,
      "needs \(what), which is not known here (known: \(known)); predict with nnU-Net itself, or train with what is known",
      context: .init(file: path, expected: known, found: what))
  }
}
