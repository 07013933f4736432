import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Values of other systems")
struct ResamplingVectorTests {
  @Test("all 54 results of nnU-Net, MONAI, TorchIO and TotalSegmentator are reproduced")
  func vectors() throws {
    let cases = try ResamplingVectors.load().cases
    #expect(cases.count == 54)
    for vector in cases {
      let resampling = try vector.resampling
      #expect(resampling.newExtent == vector.output.extent, "\(vector.name)")
      let range = (vector.input.data.max() ?? 0) - (vector.input.data.min() ?? 0)
      let volume = try Volume(extent: vector.input.extent, voxels: vector.input.data.map { Float($0) })
      let result = try volume.resampled(resampling, as: Float.self)
      let error = zip(result.voxels, vector.output.data).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(error <= (vector.isOfLabels ? 0 : 2e-7 * range), "\(vector.name): \(error)")
    }
  }

  @Test("a line gives the same bits along each axis")
  func axes() throws {
    for vector in try ResamplingVectors.load().cases where vector.input.shape.count == 1 {
      let (length, newLength) = (vector.input.data.count, vector.output.data.count)
      let results = try Axis.allCases.map { axis in
        let resampling = try Resampling(
          of: line(length, axis), to: line(newLength, axis), convention: vector.convention,
          interpolation: vector.interpolation)
        let volume = try Volume(extent: line(length, axis), voxels: vector.input.data.map { Float($0) })
        return try volume.resampled(resampling, as: Double.self).voxels
      }
      // Along z, what comes more than 24 voxels later does not count; no line here is that long.
      #expect(results[0] == results[1], "\(vector.name)")
      let float = results.map { $0.map { Float($0) } }
      #expect(float[0] == float[2], "\(vector.name)")
    }
  }

  private func line(_ length: Int, _ axis: Axis) -> Extent {
    var sizes = PerAxis(1)
    sizes[axis] = length
    return Extent(sizes)
  }

  @Test("lengths are rounded as nnU-Net rounds them, halves to even")
  func lengths() throws {
    for shape in try ResamplingVectors.load().shapes {
      let new = zip(shape.old, zip(shape.spacing, shape.newSpacing)).map {
        ResamplingConvention.nnunet.length(of: $0, spacing: $1.0, newSpacing: $1.1)
      }
      #expect(new == shape.new, "\(shape.old)")
    }
    let lengths = ResamplingConvention.allCases.map { $0.length(of: 512, spacing: 0.8, newSpacing: 1.5) }
    #expect(lengths == [273, 273, 274, 273, 273])
    #expect(ResamplingConvention.nnunet.length(of: 1, spacing: 1, newSpacing: 100) == 1)
    #expect(ResamplingConvention.torchio.length(of: 1, spacing: 10, newSpacing: 1) == 1)
    #expect(ResamplingConvention.monai.length(of: 1 << 30, spacing: 10, newSpacing: 1) == nil)
  }

  @Test("slices that are far apart are separate where nnU-Net says so")
  func separate() throws {
    for decision in try ResamplingVectors.load().decisions {
      let (spacing, new) = (PerAxis(slowestFirst: decision.cur), PerAxis(slowestFirst: decision.new))
      #expect(
        ResamplingConvention.nnunet.separateAxis(spacing: spacing, newSpacing: new) == decision.axis,
        "\(decision.cur) to \(decision.new)")
      #expect(ResamplingConvention.monai.separateAxis(spacing: spacing, newSpacing: new) == nil)
    }
    let (thick, cube) = (PerAxis(x: 5.0, y: 1, z: 1), PerAxis(1.0))
    #expect(
      ResamplingConvention.nnunet.separateAxis(spacing: thick, newSpacing: cube, isForced: false) == nil)
    let slightly = PerAxis(x: 1.1, y: 1, z: 1)
    #expect(
      ResamplingConvention.nnunet.separateAxis(spacing: slightly, newSpacing: cube, isForced: true) == .x)
    #expect(ResamplingConvention.nnunet.separateAxis(spacing: cube, newSpacing: cube, isForced: true) == nil)
  }

  @Test("the affine is the true one, which is that of the systems that write one")
  func affine() throws {
    for vector in try ResamplingVectors.load().cases {
      guard let expected = vector.newAffine else { continue }
      let axes = try vector.resampling.axes
      for (row, axis) in [Axis.z, .y, .x].enumerated() {
        let spacing = ResamplingVectors.Case.spacing[row]
        let first = ResamplingVectors.Case.origin[row] + spacing * axes[axis].start
        #expect(abs(expected[row][row] - spacing * axes[axis].step) < 1e-12, "\(vector.name)")
        #expect(abs(expected[row][3] - first) < 1e-5, "\(vector.name)")
      }
    }
    let resampling = try Resampling(
      of: Extent(width: 4, height: 5, depth: 6), to: Extent(width: 2, height: 5, depth: 12))
    let affine = resampling.newAffine(of: Affine(rows: [[0, 0, 3, 1], [-1, 0, 0, 2], [0, 2, 0, 3]]))
    #expect(affine == Affine(rows: [[0, 0, 1.5, 0.25], [-2, 0, 0, 1.5], [0, 2, 0, 3]]))
  }
}
