import Voxtile

extension PatchPipeline {
  /// The strides that are tried, the smallest first: products of the poolings that networks have.
  private static let strides = [1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 18, 20, 24, 27, 32, 36, 48, 64]
  /// The lengths of the image along the measured axis that are tried, where the model takes any.
  private static let lengths = [192, 384]
  /// How many planes around the middle are compared.
  private static let middle = 4

  /// Measures how far the model looks and by what it may be moved.
  ///
  /// The model predicts long, thin images of noise, and the same moved by a few voxels: about ten predictions along each axis, of
  /// one or two hundred thousand voxels. A model with patches of one size is measured as far as that size goes.
  ///
  /// - Parameter channels: of the scan, where the model takes any number.
  /// - Returns: what was measured, which is of the axes of the model's image; `nil` where the model looks further than could be
  ///   measured, or at the whole patch, so that no patch gives the values of the whole scan.
  /// - Throws: what the model throws, and `VoxtileError.Code.modelNotUsable` where it gives something other than one value for each
  ///   voxel and class.
  public func measureReach(channels: Int = 1) async throws -> NetworkReach? {
    var reach = NetworkReach(stride: PerAxis(1), radius: PerAxis(0))
    for axis in dimensions {
      guard
        let found = try await measureReach(along: axis, channels: model.signature.input.channels ?? channels)
      else { return nil }
      reach.stride[axis] = found.stride
      reach.radius[axis] = found.radius
      reach.isExact = reach.isExact && found.isExact
    }
    return reach
  }

  private func measureReach(
    along axis: Axis, channels: Int
  ) async throws -> (stride: Int, radius: Int, isExact: Bool)? {
    if let length = fixedPatch[axis] {
      return try await measureReach(along: axis, length: length, channels: channels)
    }
    for length in Self.lengths {
      if let found = try await measureReach(along: axis, length: length, channels: channels) { return found }
    }
    return nil
  }

  /// Measures along one axis, with images of one length.
  private func measureReach(
    along axis: Axis, length: Int, channels: Int
  ) async throws -> (stride: Int, radius: Int, isExact: Bool)? {
    // Other axes are as short as most networks allow, since they change nothing along this one.
    let noise = ProbeNoise(
      axis: dimensions.firstIndex(of: axis) ?? 0,
      sizes: dimensions.map { $0 == axis ? length : fixedPatch[$0] ?? 32 }, channels: channels)
    let whole = try await planes(of: noise, from: 0)
    let limit = (whole.map(\.magnitude).max() ?? 0) * NetworkReach.tolerance
    let half = length / 2
    for stride in Self.strides where half + Self.middle + stride < length - Self.middle {
      let moved = try await planes(of: noise, from: stride)
      let planes = ProbePlanes(whole: whole, moved: moved, noise: noise, shift: stride)
      for (isExact, tolerance) in [(true, Float(0)), (false, limit)] {
        guard planes.areSame(in: half - Self.middle..<half + Self.middle, within: tolerance) else { continue }
        let radius = planes.radius(within: tolerance)
        // What reaches the middle may reach further.
        guard radius < half - Self.middle - stride else { continue }
        return (stride, radius, isExact)
      }
    }
    return nil
  }

  /// What the model gives of the noise from a place on.
  private func planes(of noise: ProbeNoise, from start: Int) async throws -> [Float] {
    try Task.checkCancellation()
    let count = model.signature.input.batch ?? 1
    let shape = [count, noise.channels] + noise.sizes
    let values = noise.values(from: start)
    let tensor = PatchTensor(shape: shape, values: Array(repeatElement(values, count: count).joined()))
    let outputs = try await model.predict(tensor)
    guard let output = outputs.first, Array(output.shape.dropFirst(2)) == noise.sizes else {
      throw VoxtileError(
        .modelNotUsable,
        "the model gives \(outputs.first.map { "\($0.shape)" } ?? "nothing") for a batch of shape \(shape); how far it looks is "
          + "measured only where it gives a value for each voxel",
        context: .init(expected: "\(noise.sizes)", found: "\(outputs.first?.shape ?? [])"))
    }
    return output.withValues { Array($0.prefix(output.shape.dropFirst().reduce(1, *))) }
  }
}

/// Noise that goes on along one axis, of which images are cut at any place.
private struct ProbeNoise {
  /// The number of the axis among the spatial ones.
  let axis: Int
  /// The sizes of an image.
  let sizes: [Int]
  let channels: Int

  /// Values before and after one place along the axis, in the order of a tensor.
  var outer: Int { sizes.prefix(axis).reduce(1, *) }
  var inner: Int { sizes.dropFirst(axis + 1).reduce(1, *) }

  /// The values of an image, between 0 and 1.
  func values(from start: Int) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(channels * sizes.reduce(1, *))
    for line in 0..<channels * outer {
      for plane in start..<start + sizes[axis] {
        for place in 0..<inner {
          // A hash of the place, so that a moved image has the same values.
          var bits = UInt64(truncatingIfNeeded: (line &* 1_000_003 &+ plane) &* 1_000_033 &+ place)
          bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
          bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
          values.append(Float((bits ^ (bits >> 31)) >> 40) * 0x1p-24)
        }
      }
    }
    return values
  }
}

/// What a model gave of an image and of one that begins some voxels later, plane by plane along the measured axis.
private struct ProbePlanes {
  /// The largest difference of each plane that both have, counted from the first one of the moved image; infinite where a value
  /// is NaN.
  private let differences: [Float]

  init(whole: [Float], moved: [Float], noise: ProbeNoise, shift: Int) {
    let (length, inner) = (noise.sizes[noise.axis], noise.inner)
    var differences = [Float](repeating: 0, count: length - shift)
    for line in 0..<whole.count / (length * inner) {
      for plane in 0..<length - shift {
        let (first, second) = ((line * length + plane + shift) * inner, (line * length + plane) * inner)
        var largest = differences[plane]
        for place in 0..<inner {
          let difference = (whole[first + place] - moved[second + place]).magnitude
          largest = difference.isNaN ? .infinity : max(largest, difference)
        }
        differences[plane] = largest
      }
    }
    self.differences = differences
  }

  func areSame(in planes: Range<Int>, within tolerance: Float) -> Bool {
    planes.allSatisfy { differences[$0] <= tolerance }
  }

  /// How far from the first and the last plane that both have values differ, at most.
  func radius(within tolerance: Float) -> Int {
    let half = differences.count / 2
    let low = differences[..<half].lastIndex { $0 > tolerance }.map { $0 + 1 } ?? 0
    let high = differences[half...].firstIndex { $0 > tolerance }.map { differences.count - $0 } ?? 0
    return max(low, high)
  }
}
