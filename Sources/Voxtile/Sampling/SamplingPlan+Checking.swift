extension SamplingPlan {
  /// The most patches of one scan.
  public static let maxCount = 1 << 20

  /// A number by which scans are put into a random order that depends on the seed and their names only.
  package static func rank(of name: String, seed: UInt64) -> UInt64 {
    var random = SampleRandom(seed: seed, name: SampleRandom.hash(of: name), number: 0, stream: .split)
    return random.next()
  }

  /// How many patches there are, once it is known how many the cover needs.
  func count(covering cover: Int, patch: Extent, extent: Extent) -> Int {
    if case .exactly(let count) = count { return count }
    guard cover > 0 else {
      return min(
        Self.maxCount,
        extent.sizes.map { axis, size in (size + patch[axis] - 1) / patch[axis] }.all.reduce(1, *))
    }
    // The smallest number of which the cover is what negatives and hard places leave.
    var total = cover
    while total <= Self.maxCount, total - negatives.rounded(of: total) - hard.rounded(of: total) < cover {
      total += 1
    }
    return total
  }

  /// Makes sure that the plan can be followed.
  package func check() throws(VoxtileError) {
    guard convention == nil || count != .automatic else { throw .countNeeded }
    if case .exactly(let count) = count {
      guard count >= 0 else {
        throw VoxtileError(.invalidOption, "\(count) patches cannot be chosen; give at least 0")
      }
      guard count <= Self.maxCount else { throw .tooManySamples(count) }
    }
    guard negatives.millionths + hard.millionths < 1_000_000 || (cover == nil && hard == .none) else {
      throw VoxtileError(
        .invalidOption,
        "negatives and hard places are \(negatives.percent) % and \(hard.percent) % of the patches, which leaves nothing; give "
          + "less than 100 % together")
    }
    guard let cover else { return }
    guard (1...Self.maxCount).contains(cover.times), cover.margin >= 0, cover.leastVoxels >= 1 else {
      throw VoxtileError(
        .invalidOption,
        "a cover of \(cover.times) patches, margin \(cover.margin) and components of at least \(cover.leastVoxels) voxels "
          + "cannot be; give at least 1, 0 and 1")
    }
  }
}

extension Share {
  /// The share in percent, for messages.
  var percent: String { (Double(millionths) / 10_000).rounded(toDecimals: 4) }
}

extension VoxtileError {
  static func tooManySamples(_ count: Int) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "\(count) patches are more than the \(SamplingPlan.maxCount) that one scan may have; choose fewer",
      context: .init(expected: "<= \(SamplingPlan.maxCount)", found: "\(count)"))
  }

  static let countNeeded = VoxtileError(
    .invalidOption, "another system's probabilities need a number of patches; give one")

  static func coverNeedsMore(_ needed: Int, allowed: Int, components: Int) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "\(needed) patches are needed to cover \(components) components, but \(allowed) were asked for",
      remedy: .takeMoreSamples(needed: needed),
      context: .init(expected: ">= \(needed)", found: "\(allowed)"))
  }

  static func tooFewPlaces(_ places: Int, of component: Component, number: Int, asked: Int) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "the number of places where a patch holds component \(number + 1) (label \(component.value), \(component.region)) whole is "
        + "\(places), but \(asked) patches were asked for; ask for fewer, or use another patch size",
      context: .init(expected: "<= \(places)", found: "\(asked)"))
  }

  static func tooFewStarts(_ places: Int, asked: Int, in extent: Extent) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "a scan of \(extent) has \(places) different patches of this size, but \(asked) were asked for; choose fewer or smaller ones",
      context: .init(expected: "<= \(places)", found: "\(asked)"))
  }
}
