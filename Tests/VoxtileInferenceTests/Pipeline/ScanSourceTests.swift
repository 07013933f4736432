import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileInference

/// What a model sees of one file or of several.
@Suite("ScanSource") struct ScanSourceTests {
  private static let extent = Extent(width: 6, height: 5, depth: 4)

  private func volume<Scalar: VoxelScalar>(
    _ first: Int, channels: Int = 1, extent: Extent = extent, affine: Affine = Affine(spacing: PerAxis(1)),
    as type: Scalar.Type = Int16.self
  ) throws -> Volume<Scalar> {
    try Volume(
      extent: extent, channels: channels,
      voxels: (0..<extent.voxelCount * channels).map { Scalar(nearest: Double(first + $0)) },
      metadata: VolumeMetadata(affine: affine))
  }

  /// What a model sees of the whole image as one patch.
  private func seen(_ readers: [any VolumeReader], rank: Int = 3) async throws -> PatchTensor {
    let found = Mutex<PatchTensor?>(nil)
    let signature = ModelSignature(input: StandIn.shape(rank: rank), outputs: [StandIn.shape(rank: rank)])
    let model = ClosureModel(signature: signature) { batch in
      found.withLock { $0 = batch }
      return [batch]
    }
    let pipeline = PatchPipeline(
      model: model, settings: .patches(readers[0].info.extent, overlap: .voxels(0)))
    let plan = try await pipeline.plan(readers, kinds: [.logits])
    try await pipeline.run(plan, to: [.logits: VolumeCollector<Float>(plan.info(of: .logits))])
    return try #require(found.withLock { $0 })
  }

  @Test("files are channels in the order in which they are given, of any type")
  func order() async throws {
    let count = Self.extent.voxelCount
    let readers: [any VolumeReader] = [
      VolumeInMemory(try volume(1000, as: UInt16.self)), VolumeInMemory(try volume(-300, channels: 2)),
      VolumeInMemory(try volume(7, as: Double.self)),
    ]
    let tensor = try await seen(readers)
    #expect(tensor.shape == [1, 4, 4, 5, 6])
    let expected = [1000, -300, -300 + count, 7].flatMap { first in (0..<count).map { Float(first + $0) } }
    let isSame = tensor.values == expected
    #expect(isSame)
  }

  @Test("the fourth axis of a file is its channels, and its scaling is applied")
  func scaled() async throws {
    try await withTemporaryFolder { folder in
      try volume(5, channels: 3).write(to: "\(folder)/a.nii")
      var bytes = try fileBytes("\(folder)/a.nii")
      // scl_slope and scl_inter.
      for (offset, value) in [(112, Float(0.5)), (116, -10)] {
        for byte in 0..<4 {
          bytes[offset + byte] = UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32(byte)))
        }
      }
      try writeFile(bytes, to: "\(folder)/a.nii")
      let tensor = try await seen([ImageFormats.open("\(folder)/a.nii")])
      #expect(tensor.shape == [1, 3, 4, 5, 6])
      let isScaled = tensor.values == (0..<tensor.count).map { Float(5 + $0) * 0.5 - 10 }
      #expect(isScaled)
    }
  }

  @Test("a picture's colours are channels of a planar model, and its labels are a picture")
  func pictures() async throws {
    try await withTemporaryFolder { folder in
      let extent = Extent(width: 9, height: 7)
      try volume(0, channels: 3, extent: extent, as: UInt8.self).write(to: "\(folder)/a.png")
      let reader = try ImageFormats.open("\(folder)/a.png")
      let tensor = try await seen([reader], rank: 2)
      #expect(tensor.shape == [1, 3, 7, 9])
      let isSame = tensor.values == (0..<189).map { Float($0) }
      #expect(isSame)

      // The largest of three colours is the last one; 255 - value turns that round.
      let model = StandIn.model(input: StandIn.plane, output: StandIn.plane) { patch in
        NetworkPatch(channels: patch.channels, spatial: patch.spatial, values: patch.values.map { 255 - $0 })
      }
      var settings = InferenceSettings.patches(Extent(width: 4, height: 4))
      settings.labels = LabelRule(values: [9, 1, 2])
      settings.foreground = .positive
      let report = try await PatchPipeline(model: model, settings: settings).predict([reader]) { _, info in
        try ImageFormats.create("\(folder)/b.png", info: info)
      }
      #expect(report.predictedPatches == 12 && report.skippedPatches == 0)
      let labels = try ImageFormats.open("\(folder)/b.png").read(as: UInt8.self)
      let areFirst = labels.extent == extent && labels.voxels.allSatisfy { $0 == 9 }
      #expect(areFirst)
    }
  }

  @Test("files of other sizes or in other places do not fit, and small differences of headers do")
  func misfits() throws {
    let affine = Affine(rows: [[0, 2, 0, -90], [1, 0, 0, 120], [0, 0, -3, 60]])
    let first = VolumeInMemory(try volume(0, affine: affine))
    func error(_ other: Volume<Int16>) throws -> VoxtileError? {
      do {
        _ = try ScanSource([first, VolumeInMemory(other)])
        return nil
      } catch {
        return error
      }
    }
    func moved(_ change: (inout [[Double]]) -> Void) throws -> VoxtileError? {
      var rows = affine.rows
      change(&rows)
      return try error(volume(0, affine: Affine(rows: rows)))
    }
    #expect(try error(volume(0, affine: affine)) == nil)
    #expect(try moved { $0[0][3] += 0.05 } == nil)
    #expect(try moved { $0[0][1] += 0.001 } == nil)
    for wrong in [
      try moved { $0[0][3] += 0.2 }, try moved { $0[0][1] *= 1.1 }, try moved { $0.swapAt(0, 1) },
      try moved { $0[2][2] *= -1 }, try error(volume(0, extent: Extent(5), affine: affine)),
    ] {
      let error = try #require(wrong)
      #expect(error.code == .shapeMismatch && error.message.hasPrefix("input 2 "), "\(error.message)")
      #expect(error.message.hasSuffix("resample them to one grid"))
    }
  }

  @Test(
    "the foreground is the box of what is above 0, or other than 0, in any channel and any slab",
    arguments: Foreground.allCases)
  func foreground(_ foreground: Foreground) throws {
    for var random in SplitMix64.cases(20, from: 60) {
      let extent = Extent.random(in: 1...6, using: &random)
      var voxels = [Float](repeating: 0, count: extent.voxelCount * 2)
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        voxels[Int.random(in: voxels.indices, using: &random)] =
          [1, -1, .nan, .infinity, 1e-30].randomElement(
            using: &random) ?? 1
      }
      let volume = try Volume(extent: extent, channels: 2, voxels: voxels)
      let box = try ScanSource([VolumeInMemory(volume)]).box(of: foreground) {}
      let above = extent.positions.enumerated().filter { place in
        [voxels[place.offset], voxels[extent.voxelCount + place.offset]].contains { value in
          foreground == .positive ? value > 0 : value != 0 && !value.isNaN
        }
      }
      .map(\.element)
      let isRight =
        above.isEmpty
        ? box.voxelCount == 0
        : Axis.allCases.allSatisfy { axis in
          let places = above.map { axis == .x ? $0.x : axis == .y ? $0.y : $0.z }
          let range = axis == .x ? box.x : axis == .y ? box.y : box.z
          return places.min() == range.lowerBound && places.max() == range.upperBound - 1
        }
      #expect(isRight, "\(random)")
    }
  }
}
