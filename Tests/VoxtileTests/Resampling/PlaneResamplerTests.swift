import Testing
import Voxtile
import VoxtileTestSupport

@Suite("PlaneResampler")
struct PlaneResamplerTests {
  /// A random volume, and how it is resampled.
  private struct Example {
    let volume: Volume<Float>
    let resampling: Resampling

    init(_ random: inout SplitMix64, labels: Bool = false) throws {
      func size() -> Int { Int.random(in: 1...9, using: &random) }
      let extent = Extent(width: size(), height: size(), depth: Int.random(in: 1...150, using: &random))
      let convention = ResamplingConvention.allCases.randomElement(using: &random) ?? .nnunet
      let known = Interpolation.allCases.filter { convention.has($0) && !(labels && $0 == .cubic) }
      let spacing = PerAxis(x: 1, y: Double.random(in: 0.3...3, using: &random), z: 0.7)
      let ratio = Double.random(in: 0.4...2.5, using: &random)
      resampling = try Resampling(
        of: extent, spacing: spacing, to: spacing.map { $1 * ($0 == .y ? 1 : ratio) }, convention: convention,
        interpolation: known.randomElement(using: &random), isOfLabels: labels)
      let range: ClosedRange<Float> = labels ? 0...3 : -100...100
      volume = try Volume(
        extent: extent,
        voxels: (0..<extent.voxelCount).map { _ in
          let value = Float.random(in: range, using: &random)
          return labels ? value.rounded() : value
        })
    }

    /// The volume as a stream, in pieces of random sizes.
    func streamed(_ random: inout SplitMix64) throws -> [Float] {
      let area = volume.extent.width * volume.extent.height
      var bounds = resampling.emptyBounds
      bounds?.add(volume.voxels, first: 0)
      var resampler = PlaneResampler<Float>(
        resampling, bounds: bounds, jobs: Jobs(Int.random(in: 1...3, using: &random)))
      var (result, z) = ([Float](), 0)
      while z < volume.extent.depth {
        let end = min(volume.extent.depth, z + Int.random(in: 1...20, using: &random))
        try resampler.push(Array(volume.voxels[z * area..<end * area]))
        z = end
        while let planes = resampler.pull(upTo: Int.random(in: 1...9, using: &random), as: Float.self) {
          result += planes
        }
      }
      return result
    }
  }

  @Test("in a stream, by any partition and number of threads, the bits are those of the whole")
  func streamed() throws {
    for labels in [false, true] {
      for var random in SplitMix64.cases(60, from: labels ? 4000 : 3000) {
        let example = try Example(&random, labels: labels)
        let whole = try example.volume.resampled(example.resampling, as: Float.self, jobs: .one)
        #expect(whole.extent == example.resampling.newExtent, "\(random)")
        #expect(try example.streamed(&random) == whole.voxels, "\(random) \(example.resampling)")
      }
    }
  }

  @Test("what 24 planes later would change is less than a Float holds")
  func reach() throws {
    for var random in SplitMix64.cases(3, from: 5000) {
      let extent = Extent(width: 9, height: 16, depth: 333)
      let voxels = (0..<extent.voxelCount).map { _ in Float.random(in: -1000...3000, using: &random) }
      let volume = try Volume(extent: extent, voxels: voxels)
      let newExtent = Extent(width: 9, height: 16, depth: Int.random(in: 100...600, using: &random))
      let result = try volume.resampled(Resampling(of: extent, to: newExtent), as: Float.self)
      let expected = NaiveResampling.alongZ(volume, to: newExtent.depth)
      #expect(result.voxels == expected, "\(random)")
    }
  }

  @Test(
    "a line of any length becomes the same along x, where it is whole, and along z, where it comes in pieces")
  func lengths() throws {
    for var random in SplitMix64.cases(110, from: 5500) {
      let length = Int(random.seed % 110) + 1
      let newLength = Int.random(in: 1...130, using: &random)
      let values = (0..<length).map { _ in Float.random(in: -1...1, using: &random) }
      for convention in [ResamplingConvention.nnunet, .torchio, .monai] {
        let alongX = try Resampling(
          of: Extent(width: length, height: 1), to: Extent(width: newLength, height: 1),
          convention: convention,
          interpolation: .cubic)
        let alongZ = try Resampling(
          of: Extent(width: 1, height: 1, depth: length), to: Extent(width: 1, height: 1, depth: newLength),
          convention: convention, interpolation: .cubic)
        let whole = try Volume(extent: alongX.extent, voxels: values).resampled(alongX, as: Float.self)
        let pieces = try Volume(extent: alongZ.extent, voxels: values).resampled(alongZ, as: Float.self)
        #expect(whole.voxels == pieces.voxels, "\(random) \(convention) \(length) to \(newLength)")
      }
    }
  }

  @Test("a constant stays constant, a ramp stays a ramp, and the same size changes nothing")
  func simple() throws {
    for convention in ResamplingConvention.allCases {
      for interpolation in Interpolation.allCases where convention.has(interpolation) {
        let constant = Volume<Float>(extent: Extent(width: 7, height: 5, depth: 40), repeating: 0.1)
        let resampling = try Resampling(
          of: constant.extent, spacing: PerAxis(1), to: PerAxis(0.7), convention: convention,
          interpolation: interpolation)
        let result = try constant.resampled(resampling, as: Float.self)
        #expect(result.voxels.allSatisfy { $0 == 0.1 }, "\(convention) \(interpolation)")
        let same = try Resampling(
          of: constant.extent, spacing: PerAxis(1), to: PerAxis(1), convention: convention,
          interpolation: interpolation)
        #expect(same.isIdentity)
        let noise = try Volume(
          extent: constant.extent, voxels: (0..<constant.voxels.count).map { Float($0 * 7919 % 1009) })
        #expect(try noise.resampled(same, as: Float.self) == noise)
      }
      let ramp = try Volume(
        extent: Extent(width: 1, height: 1, depth: 50), voxels: (0..<50).map { Double($0) })
      let resampling = try Resampling(
        of: ramp.extent, spacing: PerAxis(1), to: PerAxis(x: 1, y: 1, z: 0.6), convention: convention,
        interpolation: .linear)
      let axis = resampling.axes.z
      let result = try ramp.resampled(resampling, as: Double.self)
      for index in 0..<axis.newLength where (0...49).contains(axis.position(of: index)) {
        #expect(abs(result.voxels[index] - axis.position(of: index)) < 1e-5)
      }
    }
  }

  @Test("whole numbers are rounded and saturated, and those of 64 bits are kept where none is made")
  func integers() throws {
    let steps = try Volume(
      extent: Extent(width: 8, height: 1), voxels: [0, 0, 0, 0, 255, 255, 255, 255] as [UInt8])
    let resampling = try Resampling(
      of: steps.extent, to: Extent(width: 13, height: 1), convention: .torchio, interpolation: .cubic)
    let real = try steps.resampled(resampling, as: Double.self).voxels
    #expect(real.contains { $0 < -1 } && real.contains { $0 > 256 })
    #expect(try steps.resampled(resampling, as: UInt8.self).voxels == real.map { UInt8(nearest: $0) })
    let large = try Volume(extent: Extent(width: 2, height: 1), voxels: [Int64.max, Int64.max - 1])
    let nearest = try Resampling(of: large.extent, to: Extent(width: 4, height: 1), interpolation: .nearest)
    #expect(
      try large.resampled(nearest, as: Int64.self).voxels == [.max, .max, .max - 1, .max - 1])
  }

  @Test("cubic values of nnU-Net stay within those of the image, or of the slice where slices are separate")
  func clipped() throws {
    for axis in [nil, Axis.x, .y, .z] {
      var random = SplitMix64(seed: 6000)
      let extent = Extent(width: 6, height: 7, depth: 8)
      let volume = try Volume(
        extent: extent, voxels: (0..<extent.voxelCount).map { _ in Float.random(in: 0...1, using: &random) })
      let resampling = try Resampling(
        of: extent, to: Extent(width: 11, height: 13, depth: 9), separateAxis: axis)
      let result = try volume.resampled(resampling, as: Float.self)
      func limits(_ volume: Volume<Float>, _ slice: Int?) -> ClosedRange<Float> {
        var ranges = volume.extent.sizes.map { 0..<$1 }
        if let axis, let slice { ranges[axis] = slice..<slice + 1 }
        let values = volume[Region(x: ranges.x, y: ranges.y, z: ranges.z)].voxels
        return (values.min() ?? 0)...(values.max() ?? 0)
      }
      for slice in 0..<(axis.map { result.extent[$0] } ?? 1) {
        let source = axis.map { Int((Double(slice) + 0.5) * Double(extent[$0]) / Double(result.extent[$0])) }
        #expect(limits(volume, source).contains(limits(result, slice).lowerBound))
        #expect(limits(volume, source).contains(limits(result, slice).upperBound))
      }
    }
  }

  @Test("NaN and infinity are refused, or replaced and counted, and never spread")
  func notFinite() throws {
    var volume = Volume<Float>(extent: Extent(8), repeating: 1)
    volume[x: 4, y: 4, z: 4] = .nan
    volume[x: 0, y: 1, z: 2] = -.infinity
    for newExtent in [Extent(5), Extent(11)] {
      let resampling = try Resampling(of: volume.extent, to: newExtent)
      let error = #expect(throws: VoxtileError.self) { try volume.resampled(resampling, as: Float.self) }
      #expect(error?.code == .invalidOption && error?.remedy == .replaceNotFinite)
      #expect(error?.message.contains("has 2 values that are NaN or infinite") == true)
      let replaced = try volume.resampled(resampling, as: Float.self, notFinite: .replace(with: 1))
      #expect(replaced.voxels.allSatisfy { $0 == 1 })
      var resampler = PlaneResampler<Float>(resampling, notFinite: .replace(with: 1))
      try resampler.push(volume.voxels)
      #expect(resampler.replacedCount == 2)
    }
    // Where values are only copied, each stays where it is.
    let nearest = try Resampling(of: volume.extent, to: Extent(16), interpolation: .nearest)
    #expect(try volume.resampled(nearest, as: Float.self).voxels.count { $0.isNaN } == 8)
  }

  @Test("the old voxels that new ones need are told before")
  func inputs() throws {
    for var random in SplitMix64.cases(200, from: 7000) {
      let convention = ResamplingConvention.allCases.randomElement(using: &random) ?? .nnunet
      let axis = AxisResampling(
        length: Int.random(in: 1...90, using: &random), newLength: Int.random(in: 1...90, using: &random),
        convention: convention, interpolation: Bool.random(using: &random) ? .linear : .nearest)
      let first = Int.random(in: 0..<axis.newLength, using: &random)
      let outputs = first..<Int.random(in: first + 1...axis.newLength, using: &random)
      let inputs = axis.inputs(for: outputs)
      #expect(inputs.lowerBound >= 0 && inputs.upperBound <= axis.length, "\(random)")
      for output in outputs {
        let position = min(max(axis.position(of: output), 0), Double(axis.length - 1))
        #expect(inputs.contains(Int(position.rounded())), "\(random)")
      }
    }
    let cubic = AxisResampling(length: 300, newLength: 160, convention: .nnunet, interpolation: .cubic)
    #expect(cubic.inputs(for: 80..<81).count == 52)
  }

  @Test("what cannot be resampled is refused")
  func refused() {
    let cube = Extent(4)
    #expect(throws: VoxtileError.self) { try Resampling(of: cube, spacing: PerAxis(1), to: PerAxis(0)) }
    #expect(throws: VoxtileError.self) { try Resampling(of: cube, spacing: PerAxis(.nan), to: PerAxis(1)) }
    #expect(throws: VoxtileError.self) { try Resampling(of: cube, spacing: PerAxis(1), to: PerAxis(1e-12)) }
    #expect(throws: VoxtileError.self) { try Resampling(of: cube, spacing: PerAxis(1), to: PerAxis(1e-8)) }
    #expect(throws: VoxtileError.self) { try Resampling(of: cube, to: Extent(width: 0, height: 3)) }
    #expect(throws: VoxtileError.self) {
      try Resampling(of: cube, to: cube, convention: .nnunetTorch, interpolation: .cubic)
    }
    #expect(throws: VoxtileError.self) {
      try Resampling(of: cube, to: cube, interpolation: .cubic, isOfLabels: true)
    }
  }
}
