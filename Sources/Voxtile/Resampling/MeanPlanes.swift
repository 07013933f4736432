import Synchronization

/// Planes of one channel that are resampled to means of their values: linear or cubic.
struct MeanPlanes: Sendable {
  private let taps: PerAxis<AxisTaps>
  private let extent: Extent
  private let newExtent: Extent
  private let scaler: PlaneScaler
  private let bounds: ValueBounds?
  private let replacement: Double
  private let jobs: Jobs
  /// Whether planes are resampled when they come, or when they go: whatever leaves smaller ones to be held.
  private let scalesFirst: Bool
  private var ring: PlaneRing
  /// Planes that have come, but for those in the ring.
  private var queue: [Double] = []
  private var sources = 0..<0
  private var next = 0

  init(_ resampling: Resampling, bounds: ValueBounds?, replacement: Double, jobs: Jobs) {
    taps = resampling.axes.map { AxisTaps($1) }
    (extent, newExtent) = (resampling.extent, resampling.newExtent)
    scaler = PlaneScaler(resampling, replacement: replacement)
    self.bounds = bounds
    self.replacement = replacement
    self.jobs = jobs
    let (area, newArea) = (extent.width * extent.height, newExtent.width * newExtent.height)
    scalesFirst = resampling.scalesPlanesFirst
    ring = PlaneRing(taps.z, area: min(area, newArea), jobs: jobs)
  }

  /// Begins with a later new plane, made from `first` and later ones.
  mutating func begin(atNewPlane newPlane: Int, from first: Int) {
    ring.begin(atRow: first)
    (next, sources) = (newPlane, first..<first)
  }

  private var area: Int { extent.width * extent.height }
  private var newArea: Int { newExtent.width * newExtent.height }

  /// The bytes of all that is held while planes come and go, without the planes themselves.
  static func byteCount(_ resampling: Resampling, planes: Int, jobs: Jobs) -> Int {
    let (extent, newExtent) = (resampling.extent, resampling.newExtent)
    let (area, newArea) = (extent.width * extent.height, newExtent.width * newExtent.height)
    let held = PlaneRing.slotCount(AxisTaps(resampling.axes.z)) + 2 * planes + 1
    let scaler = PlaneScaler(resampling, replacement: 0)
    return 8 * held * min(area, newArea) + jobs.count
      * (scaler.workingBytes + 8 * (newArea + min(area, newArea)))
  }

  /// - Returns: how many values were NaN or infinite and were replaced.
  mutating func push<Scalar: VoxelScalar>(_ planes: [Scalar]) -> Int {
    let count = planes.count / area
    // What the ring has not taken yet is still needed; at the end of the line its last plane is, again and again.
    let kept = max(sources.lowerBound, min(ring.nextSource, sources.upperBound))
    let heldArea = scalesFirst ? newArea : area
    queue.removeFirst((kept - sources.lowerBound) * heldArea)
    var added = [Double](unsetCount: count * heldArea)
    let replaced = Atomic(0)
    let (scaler, area, replacement, scalesFirst) = (scaler, area, replacement, scalesFirst)
    jobs.forEachPart(of: &added, size: heldArea) { plane, part in
      let values = planes.span.extracting(plane * area..<(plane + 1) * area)
      var found = 0
      if scalesFirst {
        found = scaler.scale(values, to: &part)
      } else {
        readDoubles(from: values, into: &part)
        if !Scalar.scalarType.isInteger { found = replaceNotFinite(&part, with: replacement) }
      }
      replaced.wrappingAdd(found, ordering: .relaxed)
    }
    if queue.isEmpty { queue = added } else { queue += added }
    sources = kept..<sources.upperBound + count
    return replaced.load(ordering: .relaxed)
  }

  /// - Returns: the next new planes, at most `limit`; `nil` where more planes have to come first.
  mutating func pull<Output: VoxelScalar>(upTo limit: Int, as type: Output.Type) -> [Output]? {
    while next < newExtent.depth {
      var count = 0
      while count < limit, next + count < newExtent.depth,
        taps.z.needed(by: next + count).upperBound < ring.done
      {
        count += 1
      }
      if count > 0 { return evaluate(count) }
      guard ring.advance(with: queue, sources) else { return nil }
    }
    return nil
  }

  private mutating func evaluate<Output: VoxelScalar>(_ count: Int) -> [Output] {
    var planes = [Output](unsetCount: count * newArea)
    let (first, this) = (next, self)
    jobs.forEachPart(of: &planes, size: newArea) { plane, part in
      var values = [Double](unsetCount: this.newArea)
      var span = values.mutableSpan
      if this.scalesFirst {
        this.ring.evaluate(first + plane, to: &span)
      } else {
        var unscaled = [Double](unsetCount: this.area)
        var whole = unscaled.mutableSpan
        this.ring.evaluate(first + plane, to: &whole)
        // What came was looked through when it came.
        _ = this.scaler.scale(unscaled.span, isFinite: true, to: &span)
      }
      this.bounds?.clip(&span, first + plane, this.taps)
      writeDoubles(values.span, slope: 1, intercept: 0, into: &part)
    }
    next += count
    return planes
  }
}
