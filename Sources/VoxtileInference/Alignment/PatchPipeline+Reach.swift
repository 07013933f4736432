import Voxtile

extension PatchPipeline {
  /// The strides that are tried, the smallest first: products of the poolings that networks have.
  private static let strides = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 27, 28, 32, 36, 48, 64,
  ]
  /// The lengths of the image along the measured axis that are tried at least, where the model takes any.
  private static let lengths = [192, 384]

  /// Measures how far the model looks and by what it may be moved.
  ///
  /// The model predicts long, thin images of noise, and the same moved by a few voxels: about thirty predictions along each axis, of
  /// one or two hundred thousand voxels. A model with patches of one size is measured as far as that size goes. Only values that are the same to
  /// the bit count as the same.
  ///
  /// The radius is what this noise shows: parts of a model that it leaves unused may look further.
  ///
  /// - Parameter channels: of the scan, where the model takes any number.
  /// - Returns: what was measured, of the axes of the model's image.
  /// - Throws: `VoxtileError.Code.modelNotUsable` where the model gives other values however far away the image changes, looks further
  ///   than could be measured, or gives no values that tell: labels, values that are not finite, or values of another size; and what the
  ///   model throws.
  public func measureReach(channels: Int = 1) async throws -> NetworkReach {
    var reach = NetworkReach(stride: PerAxis(1), radius: PerAxis(0))
    if model.signature.outputs[0].labelRange != nil { throw VoxtileError.reachNotMeasured("it gives labels") }
    for axis in dimensions {
      let found = try await measureReach(along: axis, channels: model.signature.input.channels ?? channels)
      reach.stride[axis] = found.stride
      reach.radius[axis] = found.radius
    }
    return reach
  }

  private func measureReach(along axis: Axis, channels: Int) async throws -> (stride: Int, radius: Int) {
    let asked = settings.patch.map { PerAxis<Int?>(x: $0.width, y: $0.height, z: $0.depth) } ?? PerAxis(nil)
    func sizes(_ length: Int, across other: (Axis) -> Int) -> [Int] {
      dimensions.map { $0 == axis ? fixedPatch[$0] ?? length : fixedPatch[$0] ?? other($0) }
    }
    func length(_ least: Int) -> Int {
      (least + (asked[axis] ?? 1) - 1) / (asked[axis] ?? 1) * (asked[axis] ?? 1)
    }
    let place = dimensions.firstIndex(of: axis) ?? 0
    // Other axes are as short as most networks allow, since they change nothing along this one; else as long as the patch.
    for isShort in settings.patch == nil ? [true] : [true, false] {
      let images = Self.lengths.map { least in sizes(length(least)) { isShort ? 32 : asked[$0] ?? 32 } }
      do {
        for sizes in fixedPatch[axis] == nil ? images : [images[0]] {
          if let found = try await measure(ReachProbe(axis: place, sizes: sizes, channels: channels)) {
            return found
          }
        }
        throw VoxtileError.reachNotFound(length: images.last?[place] ?? 0, isFixed: fixedPatch[axis] != nil)
      } catch let error as VoxtileError
        where error.code == .predictionFailed && isShort && settings.patch != nil
      {
        continue
      }
    }
    throw VoxtileError.reachNotFound(length: 0, isFixed: false)
  }

  /// Measures along one axis, with images of one size; `nil` where nothing is the same.
  private func measure(_ probe: ReachProbe) async throws -> (stride: Int, radius: Int)? {
    guard probe.length >= ReachProbe.shortest else {
      throw VoxtileError.reachNotMeasured(
        "its patches of \(probe.length) voxels are too short, \(ReachProbe.shortest) are needed")
    }
    var whole: [[Float]] = []
    for kind in ReachProbe.kinds { whole.append(try await values(of: probe.image(kind, from: 0), probe)) }
    guard whole.joined().allSatisfy(\.isFinite) else {
      throw VoxtileError.reachNotMeasured("it gives values that are not finite numbers")
    }
    guard whole.contains(where: { probe.variety(of: $0) > 64 }) else {
      throw VoxtileError.reachNotMeasured("it gives nearly the same everywhere for noise, or labels")
    }
    for stride in Self.strides
    where probe.half + ReachProbe.middle + 3 * stride < probe.length - ReachProbe.middle {
      guard let radius = try await radius(whole, stride: stride, probe) else { continue }
      // Other values far away show what moved images do not: a network that looks at the largest value of its patch, or a little further.
      for radius in Swift.stride(from: radius, through: radius + 4 * stride, by: stride)
      where try await isLocal(whole, beyond: radius, stride: stride, probe) {
        return (stride, radius)
      }
    }
    return nil
  }

  /// Whether the middle of an image stays the same where all is changed that is further away than a radius.
  private func isLocal(
    _ whole: [[Float]], beyond radius: Int, stride: Int, _ probe: ReachProbe
  ) async throws -> Bool {
    guard let kept = probe.planes(within: radius, stride: stride) else { return false }
    for kind in ReachProbe.kinds {
      let changed = try await values(of: probe.image(kind, from: 0, keeping: kept), probe)
      guard probe.areSame(whole[kind.rawValue], changed) else { return false }
    }
    return true
  }

  /// How far from the faces values differ where the image is moved by a stride, and by two and three of it; `nil` where they differ in the
  /// middle.
  private func radius(_ whole: [[Float]], stride: Int, _ probe: ReachProbe) async throws -> Int? {
    var radius = 0
    for shift in [stride, 2 * stride, 3 * stride] {
      for kind in ReachProbe.kinds {
        let moved = try await values(of: probe.image(kind, from: shift), probe)
        guard let found = probe.radius(whole[kind.rawValue], moved, shift: shift) else { return nil }
        radius = max(radius, found)
      }
    }
    // What reaches the middle may reach further.
    return radius < probe.half - ReachProbe.middle - 3 * stride ? radius : nil
  }

  /// What the model gives of an image.
  private func values(of image: [Float], _ probe: ReachProbe) async throws -> [Float] {
    try Task.checkCancellation()
    let count = model.signature.input.batch ?? 1
    let shape = [count, probe.channels] + probe.sizes
    let tensor = PatchTensor(shape: shape, values: Array(repeatElement(image, count: count).joined()))
    let outputs = try await model.predict(tensor)
    guard let output = outputs.first, Array(output.shape.dropFirst(2)) == probe.sizes else {
      throw VoxtileError.reachNotMeasured(
        "it gives \(outputs.first.map { "\($0.shape)" } ?? "nothing") for a batch of shape \(shape), not a value for each voxel"
      )
    }
    return output.withValues { Array($0.prefix(output.shape.dropFirst().reduce(1, *))) }
  }
}

extension VoxtileError {
  fileprivate static func reachNotMeasured(_ why: String) -> VoxtileError {
    VoxtileError(
      .modelNotUsable, "how far the network looks cannot be measured: \(why)", remedy: .giveReach,
      context: .init(expected: "a value for each voxel and class"))
  }

  fileprivate static func reachNotFound(length: Int, isFixed: Bool) -> VoxtileError {
    let fixed = isFixed ? ", the size of its patches" : ""
    return VoxtileError(
      .modelNotUsable,
      "how far the network looks cannot be measured: in images of \(length) voxels\(fixed), its values change however far away the image does. "
        + "It sees its whole patch (as with an instance normalization or attention), looks too far for that length, or rounds otherwise in every "
        + "place", remedy: .giveReach,
      context: .init(expected: "values that do not change", found: "other values"))
  }
}
