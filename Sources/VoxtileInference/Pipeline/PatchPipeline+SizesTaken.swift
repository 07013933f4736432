import Voxtile

extension PatchPipeline {
  /// How long sizes are tried after a refusal.
  private static let longestSearch = Duration.seconds(60)

  /// The error for a patch that the model refused, with sizes that it takes, as far as some are found.
  ///
  /// Networks that halve their patch a few times take multiples of 2, 4, 8, and so on. Both neighbors of the refused size are
  /// tried for each of these; then sizes nearby, for networks that take multiples and a remainder.
  ///
  /// - Parameter error: what the model said.
  /// - Throws: only where the task was canceled.
  func refusal(_ error: VoxtileError, as cutting: PatchCutting) async throws -> VoxtileError {
    let asked = cutting.frame.model(cutting.grid.patch.sizes)
    let fixed = fixedPatch
    let free = Axis.allCases.filter { fixed[$0] == nil }
    guard !free.isEmpty else { return error }
    let start = ContinuousClock.now
    var known: [PerAxis<Int>: Bool] = [:]
    func isTaken(_ change: (Int) -> Int) async throws -> PerAxis<Int>? {
      let sizes = asked.map { axis, size in free.contains(axis) ? change(size) : size }
      guard sizes != asked, sizes.all.allSatisfy({ $0 >= 1 }),
        ContinuousClock.now - start < Self.longestSearch
      else { return nil }
      if known[sizes] == nil {
        let patch = Extent(cutting.frame.stored(sizes))
        known[sizes] = try await outputExtent(ofPatch: patch, as: cutting) != nil
      }
      return known[sizes] == true ? sizes : nil
    }
    for multiple in [2, 4, 8, 16, 32, 64] where !free.allSatisfy({ asked[$0].isMultiple(of: multiple) }) {
      guard let upper = try await isTaken({ ($0 + multiple - 1) / multiple * multiple }) else { continue }
      // Below the smallest multiple there is none, so the next one above shows that the rule holds.
      let hasLower = free.allSatisfy { asked[$0] >= multiple }
      let second = try await isTaken { size in
        hasLower ? size / multiple * multiple : ((size + multiple - 1) / multiple + 1) * multiple
      }
      guard let second else { continue }
      let sizes = [second, upper].map { "\(Extent($0))" }.sorted {
        $0.count < $1.count || $0.count == $1.count && $0 < $1
      }
      return error.refusing(
        asked, "a multiple of \(multiple): \(sizes.joined(separator: " or ")) (both were tried)")
    }
    for distance in 1...16 {
      for change in [-distance, distance] {
        guard let sizes = try await isTaken({ $0 + change }) else { continue }
        return error.refusing(asked, "\(Extent(sizes)) (which was tried)", by: model.signature.input)
      }
    }
    return error
  }
}

extension VoxtileError {
  /// The same refusal, with sizes that are taken.
  ///
  /// - Parameter input: where it says no size at all, the order of its axes may be another one.
  fileprivate func refusing(_ asked: PerAxis<Int>, _ taken: String, by input: TensorShape? = nil)
    -> VoxtileError
  {
    var error = self
    error.message = "the network does not take patches of \(Extent(asked)); use \(taken)"
    if let input, input.channels == nil, input.spatial.allSatisfy({ $0 == nil }) {
      error.message += "; its axes are taken in the usual order, channels first"
      error.remedy = .nameLayout
    }
    (error.context.expected, error.context.found) = (taken, "\(Extent(asked))")
    return error
  }
}
