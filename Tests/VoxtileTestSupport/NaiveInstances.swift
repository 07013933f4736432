import Voxtile

/// The numbers of objects in the order of their first voxels, from 1; 0 stays 0.
public func numberedInOrder<Label: Hashable & BinaryInteger>(_ labels: [Label]) -> [Int] {
  var numbers: [Label: Int] = [:]
  return labels.map { label in
    if label == 0 { return 0 }
    let number = numbers[label] ?? numbers.count + 1
    numbers[label] = number
    return number
  }
}

/// Merges patches that each numbered their objects on their own, by comparing every object with every other one.
///
/// All objects of two patches that share a voxel are one, as with a least intersection over union of 0. A voxel is taken from
/// the patch whose center is nearest, of equally near ones from the first.
///
/// - Parameters:
///   - regions: the box of each patch, in the order z, y, x of the grid; `nil` for a patch that is absent.
///   - labels: gives the label of a patch over a voxel.
/// - Returns: the number of each voxel in memory order, 0 for background.
public func naiveInstances(
  extent: Extent, regions: [Region?], labels: (_ patch: Int, _ voxel: Position) -> Int
) -> [Int] {
  struct Object: Hashable {
    let patch: Int
    let label: Int
  }
  let present = regions.indices.filter { regions[$0] != nil }
  let over = extent.positions.map { voxel in
    present.filter { regions[$0]?.contains(voxel) == true }
      .map { Object(patch: $0, label: labels($0, voxel)) }
  }
  // Each object has the name of its set, and two sets become one by renaming.
  var names: [Object: Int] = [:]
  for object in over.joined() where object.label != 0 && names[object] == nil {
    names[object] = names.count + 1
  }
  for objects in over {
    let found = Set(objects.compactMap { names[$0] })
    guard let first = found.min(), found.count > 1 else { continue }
    for (object, name) in names where found.contains(name) { names[object] = first }
  }
  let owners = naiveOwners(
    extent: extent, regions: present.compactMap { regions[$0] }, ownership: .center)
  return numberedInOrder(
    zip(owners, extent.positions).map { owner, voxel in
      owner.flatMap { names[Object(patch: present[$0], label: labels(present[$0], voxel))] } ?? 0
    })
}
