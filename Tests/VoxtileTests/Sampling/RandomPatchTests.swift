import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Random patches") struct RandomPatchTests {
  private struct Golden: Decodable {
    struct Starts: Decodable {
      let length: Int
      let patch: Int
      let starts: [Int]
    }
    struct Centers: Decodable {
      let foreground: [Int]
      let centers: [[Int]]
    }
    struct Box: Decodable {
      let length: Int
      let patch: Int
      let voxel: Int
      let missing: Int
      let start: Int
    }
    struct Foreground: Decodable {
      let batchSize: Int
      let percent: Int
      let samples: [Bool]
    }
    struct TorchIO: Decodable {
      let shape: [Int]
      let labels: [UInt8]
      let ratio: [String: Int]
      let map: [Double]
    }
    let monaiStarts: [Starts]
    let monaiCenters: Centers
    let nnunetBoxes: [Box]
    let nnunetForeground: [Foreground]
    let torchio: TorchIO
  }

  #if DEBUG
    private static let draws = 60_000
  #else
    private static let draws = 1_000_000
  #endif

  private let golden: Golden
  private let labels: Volume<UInt8>
  private let index: LabelIndex
  private let patch = Extent(3)

  init() throws {
    golden = try Fixture.json("sampling.json", as: Golden.self)
    // Arrays have the last axis as x.
    let shape = golden.torchio.shape
    labels = try Volume(
      extent: Extent(width: shape[2], height: shape[1], depth: shape[0]), voxels: golden.torchio.labels)
    index = try LabelIndex(of: VolumeInMemory(labels), name: "golden")
  }

  /// Compares drawn starts with their probabilities.
  private func check(_ patches: RandomPatches, _ probabilities: [Position: Double], over extent: Extent) {
    let starts = Region(
      origin: Position(x: -9, y: -9, z: -9), extent: Extent(extent.sizes.map { _, size in size + 18 }))
    let places = starts.extent.positions.map { $0 + starts.origin }
    var counts: [Position: Int] = [:]
    for number in 0..<Self.draws { counts[patches.place(number).region.origin, default: 0] += 1 }
    #expect(counts.values.reduce(0, +) == places.reduce(0) { $0 + (counts[$1] ?? 0) })
    #expect(
      isPlausible(places.map { counts[$0] ?? 0 }, probabilities: places.map { probabilities[$0] ?? 0 }))
  }

  /// Probabilities of starts from those of voxels.
  private func starts(_ weights: [Double], _ start: (Position) -> Position) -> [Position: Double] {
    let total = weights.reduce(0, +)
    return zip(labels.extent.positions, weights).reduce(into: [:]) { sums, entry in
      sums[start(entry.0), default: 0] += entry.1 / total
    }
  }

  private func clamped(_ voxel: Position) -> Position {
    func clamp(_ axis: Axis) -> Int { min(max(voxel[axis] - 1, 0), labels.extent[axis] - 3) }
    return Position(x: clamp(.x), y: clamp(.y), z: clamp(.z))
  }

  @Test("in the middle, a patch starts where MONAI's does, for every axis up to 8 voxels")
  func monaiStarts() throws {
    #expect(golden.monaiStarts.count == 36)
    for entry in golden.monaiStarts {
      let patch = Extent(width: entry.patch, height: 1)
      let legal = try StartBox(of: patch, in: Extent(width: entry.length, height: 1), padding: false)
      let starts = (0..<entry.length).map { x in
        let box = SamplingPlan.Placement.center.starts(
          holding: Position(x: x, y: 0), patch: patch, among: legal)
        return box.count == 1 ? box[0].x : -1
      }
      #expect(starts == entry.starts, "\(entry)")
    }
  }

  @Test("MONAI's probabilities: half foreground and half background")
  func monai() throws {
    let foreground = labels.voxels.count { $0 > 0 }
    let weights = labels.voxels.map {
      0.5 / Double($0 > 0 ? foreground : labels.voxels.count - foreground)
    }
    let probabilities = starts(weights, clamped)
    // MONAI's own draws are possible.
    for center in golden.monaiCenters.centers {
      #expect(probabilities[Position(x: center[2] - 1, y: center[1] - 1, z: center[0] - 1)] ?? 0 > 0)
    }
    #expect(labels.voxels.indices.filter { labels.voxels[$0] > 0 } == golden.monaiCenters.foreground)
    check(try index.randomPatches(patch, seed: 1, following: .monai), probabilities, over: labels.extent)
  }

  @Test("MONAI's probabilities by label: in a ratio, and each voxel of a label the same")
  func monaiClasses() throws {
    let ratio = [0: 1, 1: 2, 2: 2, 5: 7]
    let weights = labels.voxels.map { value in
      Double(ratio[Int(value)] ?? 0) / Double(labels.voxels.count { $0 == value })
    }
    let patches = try index.randomPatches(patch, seed: 2, following: .monai, balance: .classes(ratio))
    check(patches, starts(weights, clamped), over: labels.extent)
  }

  @Test("TorchIO's probabilities, as it computes them itself: a label near the border is never drawn")
  func torchio() throws {
    let ratio = Dictionary(uniqueKeysWithValues: golden.torchio.ratio.map { (Int($0) ?? -1, $1) })
    let probabilities = starts(golden.torchio.map) { $0 - Position(x: 1, y: 1, z: 1) }
    let patches = try index.randomPatches(patch, seed: 3, following: .torchio, balance: .classes(ratio))
    check(patches, probabilities.filter { $0.value > 0 }, over: labels.extent)
    #expect {
      _ = try index.randomPatches(patch, seed: 3, following: .torchio, balance: .classes([2: 1]))
    } throws: { "\($0)".contains("too near to the border") }
  }

  @Test("nnU-Net's boxes and its samples with foreground")
  func nnunetRules() {
    for box in golden.nnunetBoxes {
      let axis = SamplingConvention.NnUNetAxis(length: box.length, patch: box.patch, missing: box.missing)
      #expect(axis.start(holding: box.voxel) == box.start, "\(box)")
    }
    for entry in golden.nnunetForeground {
      let share = Share.fraction(Double(entry.percent) / 100)
      #expect(
        SamplingConvention.foregroundSamples(batchSize: entry.batchSize, share: share) == entry.samples,
        "\(entry)")
    }
  }

  @Test("nnU-Net's probabilities: every other patch anywhere, the others with a foreground label")
  func nnunet() throws {
    let patches = try index.randomPatches(patch, seed: 4, following: .nnunet)
    let legal = labels.extent.sizes.map { _, size in size - 2 }
    var probabilities: [Position: Double] = [:]
    for start in Extent(legal).positions {
      probabilities[start, default: 0] += 0.5 / Double(Extent(legal).voxelCount)
    }
    let weights = labels.voxels.map { value in
      value == 0 ? 0 : 1 / Double(labels.voxels.count { $0 == value })
    }
    let forced = starts(weights) { voxel in
      Position(x: max(0, voxel.x - 1), y: max(0, voxel.y - 1), z: max(0, voxel.z - 1))
    }
    for (start, probability) in forced { probabilities[start, default: 0] += probability / 2 }
    check(patches, probabilities, over: labels.extent)
    #expect((0..<20).allSatisfy { number in (patches[number].reason == .anywhere) == (number % 2 == 0) })
  }

  @Test("anywhere: each place of a drawn voxel in its patch is as likely as the others")
  func anywhere() throws {
    let weights = labels.voxels.map { value in 1 / Double(labels.voxels.count { $0 == value }) }
    var probabilities: [Position: Double] = [:]
    for (voxel, weight) in zip(labels.extent.positions, weights) {
      let ranges = labels.extent.sizes.map { axis, size in
        max(0, voxel[axis] - 2)...min(voxel[axis], size - 3)
      }
      let count = ranges.all.reduce(1) { $0 * $1.count }
      for z in ranges.z {
        for y in ranges.y {
          for x in ranges.x {
            probabilities[Position(x: x, y: y, z: z), default: 0] += weight / 3 / Double(count)
          }
        }
      }
    }
    check(try index.randomPatches(patch, seed: 5), probabilities, over: labels.extent)
  }

  @Test(
    "a drawn voxel lies in the middle part of its patch, as far as the border allows",
    arguments: [1, 20, 50, 100])
  func inner(percent: Int) throws {
    let placement = SamplingPlan.Placement.inner(.fraction(Double(percent) / 100))
    for patch in 1...7 {
      let legal = try StartBox(
        of: Extent(width: patch, height: 1), in: Extent(width: 20, height: 1), padding: false)
      let width = max(1, patch * percent / 100)
      for x in 0..<20 {
        let starts = placement.starts(
          holding: Position(x: x, y: 0), patch: Extent(width: patch, height: 1), among: legal
        ).ranges.x
        #expect(
          !starts.isEmpty
            && starts.allSatisfy { ($0..<$0 + patch).contains(x) && $0 >= 0 && $0 + patch <= 20 })
        if x >= patch, x + patch <= 20 {
          let first = (patch - width) / 2
          #expect(Set(starts.map { x - $0 }) == Set(first..<first + width), "\(patch) \(x)")
        }
      }
    }
  }

  @Test("an element depends on its number, the seed and the name only")
  func pure() throws {
    let patches = try index.randomPatches(patch, seed: 6)
    let first = Array(patches.prefix(10))
    #expect((0..<10).reversed().map { patches[$0] } == first.reversed())
    let other = try LabelIndex(of: VolumeInMemory(labels), name: "other").randomPatches(patch, seed: 6)
    #expect(Array(other.prefix(10)) != first)
    #expect(try Array(index.randomPatches(patch, seed: 7).prefix(10)) != first)
    var plan = SamplingPlan(count: 8, seed: 9)
    plan.convention = .monai
    let sampler = try PatchSampler(index, patch: patch, plan: plan)
    #expect(try Array(sampler) == Array(index.randomPatches(patch, seed: 9, following: .monai).prefix(8)))
  }
}
