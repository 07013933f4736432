/// Resamples planes that come one after another, and holds only those that are still needed.
///
///     var resampler = PlaneResampler<Float>(resampling)
///     for plane in scan {
///       try resampler.push(plane)
///       while let planes = resampler.pull(upTo: 1, as: Float.self) { write(planes) }
///     }
///
/// A cubic axis holds 60 planes in double precision, a linear one 10, of the smaller of both sizes of a plane. The result is the
/// same to the bit, however many planes are pushed or pulled at a time and however many threads work.
public struct PlaneResampler<Scalar: VoxelScalar>: Sendable {
  /// How planes are resampled.
  public let resampling: Resampling
  /// What is done with NaN and infinity, which interpolation would spread over the whole image.
  public let notFinite: NotFinitePolicy
  /// How many values were NaN or infinite so far, and were replaced.
  public private(set) var replacedCount = 0
  private var planes: Planes
  private var pushed = 0
  private var pulled = 0
  private let inside: PerAxis<Range<Int>>?

  private enum Planes: Sendable {
    case means(MeanPlanes)
    case labels(LabelPlanes<Scalar>)
    /// While they change: taken out, so that no second copy is made of what they hold.
    case taken
  }

  /// Creates a resampler for one channel.
  ///
  /// - Parameters:
  ///   - resampling: how planes are resampled.
  ///   - bounds: the limits within which values are kept, found in all planes before; `nil` for no limits.
  ///   - notFinite: what is done with NaN and infinity.
  ///   - jobs: how many threads work.
  public init(
    _ resampling: Resampling, bounds: ValueBounds? = nil, notFinite: NotFinitePolicy = .error,
    jobs: Jobs = .all
  ) {
    self.resampling = resampling
    self.notFinite = notFinite
    inside = resampling.fill == nil ? nil : resampling.inside
    planes =
      resampling.makesValues
      ? .means(MeanPlanes(resampling, bounds: bounds, replacement: notFinite.replacement, jobs: jobs))
      : .labels(LabelPlanes(resampling, jobs: jobs))
  }

  /// Creates a resampler that gives later new planes only.
  ///
  /// - Parameter newPlane: the first that it gives. The first plane that is pushed is then the first of ``Resampling/planes(for:)``.
  /// - Precondition: planes are not interpolated by a spline, which needs all of them.
  package init(_ resampling: Resampling, fromNewPlane newPlane: Int, jobs: Jobs) {
    self.init(resampling, jobs: jobs)
    let first = resampling.planes(for: newPlane..<newPlane + 1).lowerBound
    (pushed, pulled) = (first, newPlane)
    switch planes {
    case .means(var means):
      means.begin(atNewPlane: newPlane, from: first)
      planes = .means(means)
    case .labels(var labels):
      labels.begin(atNewPlane: newPlane, from: first)
      planes = .labels(labels)
    case .taken: break
    }
  }

  /// The bytes that a resampler holds, where so many planes are pushed or pulled at a time, beside these.
  public static func byteCount(_ resampling: Resampling, planes: Int, jobs: Jobs) -> Int {
    resampling.makesValues
      ? MeanPlanes.byteCount(resampling, planes: planes, jobs: jobs)
      : LabelPlanes<Scalar>.byteCount(resampling, planes: planes)
  }

  /// Takes the next planes. They are held until ``pull(upTo:as:)`` has given all that can be made of them.
  ///
  /// - Parameter planes: whole planes, one after another, in the order `(planes, height, width)`.
  /// - Throws: `VoxtileError.Code.invalidOption` where a value is NaN or infinite and that is not allowed.
  /// - Precondition: there are no more planes than the image has.
  public mutating func push(_ planes: [Scalar]) throws(VoxtileError) {
    let area = resampling.extent.width * resampling.extent.height
    precondition(
      planes.count % area == 0 && pushed + planes.count / area <= resampling.extent.depth,
      "\(planes.count) values are not the next planes of \(resampling.extent)")
    pushed += planes.count / area
    let held = self.planes
    self.planes = .taken
    switch consume held {
    case .means(var means):
      let found = means.push(planes)
      self.planes = .means(means)
      replacedCount += found
      if found > 0, notFinite == .error { throw NotFinitePolicy.refusal(found) }
    case .labels(var labels):
      labels.push(planes)
      self.planes = .labels(labels)
    case .taken: break
    }
  }

  /// Gives the next new planes.
  ///
  /// - Parameters:
  ///   - limit: the most planes, at least 1.
  ///   - type: the scalar type, which whole numbers are rounded and saturated to; labels are of the type that was pushed or hold it.
  /// - Returns: one or more whole planes; `nil` where more planes have to be pushed first, and at the end.
  public mutating func pull<Output: VoxelScalar>(
    upTo limit: Int, as type: Output.Type = Output.self
  ) -> [Output]? {
    precondition(limit >= 1, "at most \(limit) planes are asked for, not at least 1")
    guard var result: [Output] = take(upTo: limit) else { return nil }
    let area = resampling.newExtent.width * resampling.newExtent.height
    if let inside, let fill = resampling.fill {
      for plane in 0..<result.count / area {
        fillOutside(of: inside, plane: pulled + plane, at: plane * area, with: Output(nearest: fill), &result)
      }
    }
    pulled += result.count / area
    return result
  }

  private mutating func take<Output: VoxelScalar>(upTo limit: Int) -> [Output]? {
    let held = planes
    planes = .taken
    switch consume held {
    case .means(var means):
      let result = means.pull(upTo: limit, as: Output.self)
      planes = .means(means)
      return result
    case .labels(var labels):
      let result = labels.pull(upTo: limit)
      planes = .labels(labels)
      return result.map { $0 as? [Output] ?? $0.map { Output(nearest: $0.double) } }
    case .taken: return nil
    }
  }

  /// Gives the voxels of a plane that lie outside of the image a value of their own.
  private func fillOutside<Output: VoxelScalar>(
    of inside: PerAxis<Range<Int>>, plane: Int, at start: Int, with fill: Output, _ values: inout [Output]
  ) {
    let (width, height) = (resampling.newExtent.width, resampling.newExtent.height)
    for row in 0..<height {
      let line = start + row * width
      guard inside.z.contains(plane), inside.y.contains(row) else {
        for place in line..<line + width { values[place] = fill }
        continue
      }
      for place in line..<line + inside.x.lowerBound { values[place] = fill }
      for place in line + inside.x.upperBound..<line + width { values[place] = fill }
    }
  }
}

/// What is done with NaN and infinity where values are interpolated: one of them would spread over its whole line.
@nonexhaustive
public enum NotFinitePolicy: Hashable, Sendable {
  /// Resampling ends with an error.
  case error
  /// A finite number takes their place, and they are counted.
  case replace(with: Double)

  /// What takes the place.
  package var replacement: Double {
    if case .replace(let value) = self { value } else { 0 }
  }

  static func refusal(_ count: Int) -> VoxtileError {
    VoxtileError(
      .invalidOption,
      "has \(count == 1 ? "a value that is" : "\(count) values that are") NaN or infinite, which interpolation would spread",
      remedy: .replaceNotFinite, context: .init(expected: "finite values", found: "\(count) that are not"))
  }
}

extension Resampling {
  /// The planes that some new planes are made from.
  ///
  /// - Precondition: there are such new planes, and no spline along z.
  /// - Complexity: O(new planes of the image).
  package func planes(for newPlanes: Range<Int>) -> Range<Int> {
    precondition(
      !newPlanes.isEmpty && newPlanes.lowerBound >= 0 && newPlanes.upperBound <= newExtent.depth,
      "planes \(newPlanes) are not in \(newExtent)")
    let taps = AxisTaps(axes.z)
    precondition(taps.spline == nil, "a spline needs all planes")
    let needed = newPlanes.map { taps.needed(by: $0) }
    return (needed.map(\.lowerBound).min() ?? 0)..<(needed.map(\.upperBound).max() ?? 0) + 1
  }

  /// Whether new values are made, and not only copied.
  package var makesValues: Bool {
    !isOfLabels && axes.all.contains { !$0.isIdentity && $0.interpolation != .nearest }
  }

  /// The limits within which values are kept, before they have been looked for; `nil` where there are none.
  package var emptyBounds: ValueBounds? {
    guard makesValues, convention.clipsCubic, axes.all.contains(where: { $0.interpolation == .cubic }) else {
      return nil
    }
    return ValueBounds(extent: extent, axis: separateAxis)
  }
}
