/// Planes of one channel that are resampled without making new values: of the nearest voxel, or of the label that prevails.
struct LabelPlanes<Scalar: VoxelScalar>: Sendable {
  private let taps: PerAxis<AxisTaps>
  private let nearest: PerAxis<[Int]>
  private let extent: Extent
  private let newExtent: Extent
  private let rule: LabelVoteRule?
  private let jobs: Jobs
  /// Planes that later ones may need.
  private var planes: [Scalar] = []
  private var sources = 0..<0
  private var next = 0

  init(_ resampling: Resampling, jobs: Jobs) {
    taps = resampling.axes.map { AxisTaps($1) }
    nearest = resampling.axes.map { _, axis in (0..<axis.newLength).map { axis.nearest(to: $0) } }
    (extent, newExtent) = (resampling.extent, resampling.newExtent)
    self.jobs = jobs
    let isPicked = taps.all.allSatisfy { $0.count == 1 }
    rule = isPicked ? nil : resampling.convention == .nnunetTorch ? .lowestOfHalves : .nearestOfTied
  }

  /// The bytes of all that is held while planes come and go, without the planes themselves.
  static func byteCount(_ resampling: Resampling, planes: Int) -> Int {
    (planes + 2) * resampling.extent.width * resampling.extent.height * MemoryLayout<Scalar>.stride
  }

  /// Begins with a later new plane, made from `first` and later ones.
  mutating func begin(atNewPlane newPlane: Int, from first: Int) {
    (next, sources) = (newPlane, first..<first)
  }

  private var area: Int { extent.width * extent.height }

  mutating func push(_ added: [Scalar]) {
    let needed = next < newExtent.depth ? taps.z.needed(by: next).lowerBound : sources.upperBound
    let kept = max(sources.lowerBound, min(needed, sources.upperBound))
    planes.removeFirst((kept - sources.lowerBound) * area)
    if planes.isEmpty { planes = added } else { planes += added }
    sources = kept..<sources.upperBound + added.count / area
  }

  /// - Returns: the next new planes, at most `limit`; `nil` where more planes have to come first.
  mutating func pull(upTo limit: Int) -> [Scalar]? {
    var count = 0
    while count < limit, next + count < newExtent.depth,
      taps.z.needed(by: next + count).upperBound < sources.upperBound
    {
      count += 1
    }
    guard count > 0 else { return nil }
    let newArea = newExtent.width * newExtent.height
    var result = [Scalar](unsetCount: count * newArea)
    let (first, this) = (next, self)
    jobs.forEachPart(of: &result, size: newArea) { plane, part in this.write(first + plane, to: &part) }
    next += count
    return result
  }

  /// Where a voxel of the planes at hand lies.
  private func row(_ y: Int, _ z: Int) -> Range<Int> {
    let start = (z - sources.lowerBound) * area + y * extent.width
    return start..<start + extent.width
  }

  private func write(_ z: Int, to target: inout MutableSpan<Scalar>) {
    let zTap = taps.z.taps[z]
    for y in 0..<newExtent.height {
      var line = target._mutatingExtracting(y * newExtent.width..<(y + 1) * newExtent.width)
      guard let rule else {
        let source = planes.span.extracting(row(taps.y.taps[y].indices.x, zTap.indices.x))
        pick(source, columns: taps.x.taps.span, to: &line)
        continue
      }
      let yTap = taps.y.taps[y]
      let corners = LabelCorners(
        rows: SIMD4(
          row(yTap.indices.x, zTap.indices.x).lowerBound, row(yTap.indices.y, zTap.indices.x).lowerBound,
          row(yTap.indices.x, zTap.indices.y).lowerBound, row(yTap.indices.y, zTap.indices.y).lowerBound),
        weights: SIMD4(
          zTap.weights.x * yTap.weights.x, zTap.weights.x * yTap.weights.y, zTap.weights.y * yTap.weights.x,
          zTap.weights.y * yTap.weights.y),
        nearest: row(nearest.y[y], min(max(nearest.z[z], sources.lowerBound), sources.upperBound - 1))
          .lowerBound)
      vote(
        planes.span, corners, columns: taps.x.taps.span, nearest: nearest.x.span, rule: rule, to: &line)
    }
  }
}
