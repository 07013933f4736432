import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileStore

@Suite("Merging patch files of instances") struct MergeInstancesTests: MergeTests {
  /// Objects of random sizes, the same ones wherever they are cut, and those of each patch with numbers of its own.
  private struct Phantom {
    let whole: Volume<Int32>
    let patches: [Volume<Int32>]

    init(_ grid: PatchGrid, using random: inout SplitMix64) {
      var whole = Volume<Int32>(extent: grid.extent, repeating: 0)
      for label in 1...40 {
        func side(_ length: Int) -> Range<Int> {
          let size = Int.random(in: 1...min(length, 6), using: &random)
          let start = Int.random(in: 0...length - size, using: &random)
          return start..<start + size
        }
        let extent = grid.extent
        let box = Region(x: side(extent.width), y: side(extent.height), z: side(extent.depth))
        // Boxes that are apart stay whole, so that each object is one piece.
        let isFree = whole[box].voxels.allSatisfy { $0 == 0 }
        guard isFree else { continue }
        for z in box.z { for y in box.y { for x in box.x { whole[x: x, y: y, z: z] = Int32(label) } } }
      }
      self.whole = whole
      patches = grid.map { patch in
        var cut = whole[patch]
        let found = Set(cut.voxels).subtracting([0]).sorted()
        let names = Dictionary(
          uniqueKeysWithValues: zip(found, (1...Int32(found.count + 1)).shuffled(using: &random)))
        cut.voxels = cut.voxels.map { names[$0] ?? 0 }
        return cut
      }
    }

    /// The numbers in the order of first voxels.
    var expected: [UInt32] { numberedInOrder(whole.voxels).map { UInt32($0) } }
  }

  private static let extent = Extent(width: 23, height: 19, depth: 17)
  private static let settings = GridSettings.with(Extent(width: 9, height: 8, depth: 7), 3)

  private func withPhantom(
    _ ending: String = "nii", extent: Extent = MergeInstancesTests.extent, seed: UInt64 = 5,
    settings: GridSettings = MergeInstancesTests.settings, as type: (Int) -> ScalarType = { _ in .int32 },
    _ body: (_ other: PatchStore, _ folder: String, _ expected: [UInt32]) throws -> Void
  ) throws {
    try withPatches(of: TestImage(extent, .uint8), ending, settings) { store, folder, other in
      var random = SplitMix64(seed: seed)
      let phantom = Phantom(store.manifest.grid, using: &random)
      for (patch, volume) in zip(store.manifest.grid, phantom.patches) {
        func write<Scalar: VoxelScalar>(_ type: Scalar.Type) throws {
          var converted = Volume<Scalar>(converting: volume)
          // As the outputs of most segmentation tools: at no place of the world.
          converted.metadata = VolumeMetadata()
          try converted.write(to: other.path(of: patch))
        }
        try write(type(patch.index).type)
      }
      try body(other, folder, phantom.expected)
    }
  }

  private func instances(iou: Double = 0.5, limits: JobLimits = JobLimits()) -> PatchStore.MergeOptions {
    PatchStore.MergeOptions(leastInstanceIoU: iou, write: WriteOptions(isReplacing: true), limits: limits)
  }

  @Test(
    "one numbering in the order of first voxels, whatever memory and threads", arguments: ["nii", "nii.gz"])
  func memory(ending: String) throws {
    try withPhantom(ending) { other, folder, expected in
      let output = "\(folder)/out.\(ending)"
      let report = try other.merge(to: output, options: instances())
      #expect(report.scalarType == .uint32 && report.plan.step == .patches)
      let found = try #require(report.instances)
      #expect(found.instanceCount == Set(expected).subtracting([0]).count)
      #expect(found.joinedInstanceCount > 3 && found.unjoinedPairCount == 0 && found.lostObjectCount == 0)
      let whole = try fileBytes(output)
      #expect(try Volume<UInt32>(contentsOf: output).voxels == expected)
      let least = try leastMemory(other, folder, output: "small.\(ending)")
      var steps: Set<MergeStep> = []
      for number in 0..<24 {
        let limits = JobLimits(jobs: Jobs(1 + number % 3), memory: least + (number * 12) << 10)
        let less = try other.merge(to: output, options: instances(limits: limits))
        steps.insert(less.plan.step)
        #expect(less.plan.peakBytes <= limits.memory ?? 0 && less.instances == found)
        #expect(try fileBytes(output) == whole, "\(limits) \(less.plan.step.summary)")
      }
      #expect(steps.contains(.slices(1)) || steps.contains(.slices(2)), "\(steps)")
      #expect(steps.count > 3 && steps.contains(.patches), "\(steps)")
    }
  }

  /// The least memory limit with which patches can be merged.
  private func leastMemory(_ other: PatchStore, _ folder: String, output: String) throws -> Int {
    let limit = 8 << 20
    let options = PatchStore.MergeOptions(
      leastInstanceIoU: 0.5, limits: JobLimits(jobs: .one, memory: limit))
    let error = try #require(try mergeError(other, folder, options, output: output))
    // An eighth of the limit is set aside for tables.
    return (try #require(error.context.neededBytes) - limit / 8) * 8 / 7 + 8
  }

  @Test("patches of several scalar types, each as narrow as its numbers")
  func types() throws {
    try withPhantom(as: { [.uint8, .uint16, .int32, .float32][$0 % 4] }) { other, folder, expected in
      let report = try other.merge(to: "\(folder)/out.nii", options: instances())
      #expect(report.scalarType == .uint32)
      #expect(try Volume<UInt32>(contentsOf: "\(folder)/out.nii").voxels == expected)
    }
  }

  @Test("the widest type that the format holds, or the one that is asked for, which must hold all numbers")
  func formats() throws {
    let flat = Extent(width: 60, height: 50)
    let settings = GridSettings.with(Extent(width: 20, height: 20), 6)
    try withPhantom("png", extent: flat, settings: settings, as: { _ in .uint16 }) {
      other, folder, expected in
      for (ending, type) in [
        ("png", ScalarType.uint16), ("nii", .uint32), ("npy", .uint32), ("nrrd", .uint32),
      ] {
        let report = try other.merge(to: "\(folder)/out.\(ending)", options: instances())
        #expect(report.scalarType == type, "\(ending)")
        let values = try ImageFormats.open("\(folder)/out.\(ending)").readReal(as: Double.self).voxels
        #expect(values == expected.map { Double($0) }, "\(ending)")
      }
      var options = instances()
      options.scalarType = .uint8
      #expect(try other.merge(to: "\(folder)/out.png", options: options).scalarType == .uint8)
    }
  }

  @Test("numbers that the type does not hold are refused")
  func narrow() throws {
    let extent = Extent(width: 40, height: 20)
    try withPatches(
      of: TestImage(extent, .uint8), "nii", .with(Extent(width: 24, height: 20), 8)
    ) { store, folder, other in
      for patch in store.manifest.grid {
        let volume = try Volume<UInt16>(extent: patch.region.extent, voxels: (1...480).map { UInt16($0) })
        try volume.write(to: other.path(of: patch))
      }
      var options = PatchStore.MergeOptions(leastInstanceIoU: 0.5, scalarType: .uint8)
      let error = try mergeError(other, folder, options, output: "out.nii")
      #expect(error?.code == .typeMismatch && error?.message.contains("uint8") == true)
      #expect(error?.context.file == "\(folder)/out.nii")
      options.scalarType = .uint16
      #expect(try other.merge(to: "\(folder)/out.nii", options: options).instances?.instanceCount == 800)
    }
  }

  @Test("values that are no instances are refused with the file's name, in whole patches and in slices")
  func refused() throws {
    try withPhantom(as: { _ in .float32 }) { other, folder, _ in
      let patch = other.manifest.grid[3]
      let least = try leastMemory(other, folder, output: "out.nii")
      for value: Float in [-1, 2.5, .nan] {
        var volume = try Volume<Float>(contentsOf: other.path(of: patch))
        volume.voxels[100] = value
        try volume.write(to: other.path(of: patch), options: WriteOptions(isReplacing: true))
        for limits in [JobLimits(), JobLimits(jobs: .one, memory: least)] {
          let error = try mergeError(
            other, folder, .init(leastInstanceIoU: 0.5, limits: limits), output: "out.nii")
          #expect(error?.code == .typeMismatch, "\(value)")
          #expect(error?.context.file == other.path(of: patch), "\(value)")
        }
      }
    }
  }

  @Test("options that do not go with instances are refused")
  func options() throws {
    try withPhantom { other, folder, _ in
      for options in [
        PatchStore.MergeOptions(blend: .vote, leastInstanceIoU: 0.5), .init(leastInstanceIoU: 0.5, fill: 1),
        .init(leastInstanceIoU: 0.5, outputKind: .labels), .init(leastInstanceIoU: 1.5),
        .init(leastInstanceIoU: 0.5, scalarType: .float32),
      ] {
        let error = try mergeError(other, folder, options, output: "out.nii")
        #expect(error?.code == .invalidOption)
      }
    }
  }

  @Test("a missing patch is filled with background, and objects are followed around it")
  func missing() throws {
    try withPhantom { other, folder, expected in
      let gone = other.manifest.grid[13]
      try FileManager.default.removeItem(atPath: other.path(of: gone))
      #expect(try mergeError(other, folder, .init(leastInstanceIoU: 0.5))?.code == .missingPatch)
      var options = instances()
      options.missing = .fill
      let report = try other.merge(to: "\(folder)/out.nii", options: options)
      #expect(report.missingPatches == [13] && report.uncoveredVoxels > 0)
      let values = try Volume<UInt32>(contentsOf: "\(folder)/out.nii")
      // What other patches hold is as it was, but for the numbers.
      let held = Self.extent.positions.map { voxel in
        other.manifest.grid.contains { $0.index != 13 && $0.valid.contains(voxel) }
      }
      let rest = zip(expected, held).map { $1 ? $0 : 0 }
      #expect(numberedInOrder(rest) == values.voxels.map { Int($0) })
    }
  }

  @Test("more objects than the memory has room for end the merge with what is needed")
  func tables() throws {
    let extent = Extent(width: 600, height: 400)
    try withPatches(
      of: TestImage(extent, .uint8), "nii", .with(Extent(width: 400, height: 400), 200)
    ) { store, folder, other in
      for patch in store.manifest.grid {
        let volume = try Volume<Int32>(extent: patch.region.extent, voxels: (1...160_000).map { Int32($0) })
        try volume.write(to: other.path(of: patch))
      }
      let limits = JobLimits(jobs: .one, memory: 64 << 20)
      let error = try mergeError(
        other, folder, .init(leastInstanceIoU: 0.5, limits: limits), output: "out.nii")
      #expect(error?.code == .memoryTooLow && error?.message.contains("objects") == true)
    }
  }
}
