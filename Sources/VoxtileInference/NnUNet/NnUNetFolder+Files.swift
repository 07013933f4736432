extension NnUNetFolder {
  /// The files beside the networks that say how they predict.
  public var planFiles: [String] {
    ["voxtile-nnunet.json", "plans.json", "dataset.json"].map { "\(path)/\($0)" }
  }
}
