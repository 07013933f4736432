import Testing
import Voxtile

@testable import VoxtileInference

@Suite("TaskLabels") struct TaskLabelsTests {
  @Test("the smallest type that holds all values")
  func types() throws {
    for (value, type) in [(255, ScalarType.uint8), (256, .uint16), (65535, .uint16), (65536, .int32)] {
      #expect(try TaskLabels([.init(task: "a", label: 1, value: value)]).scalarType == type)
    }
  }

  @Test("names that several tasks have are told apart by the task")
  func counted() throws {
    let labels = try TaskLabels.counted([
      ("left", [0, 1, 2], [LabelName(label: 1, name: "lung"), LabelName(label: 2, name: "rib")]),
      ("right", [0, 1, 3], [LabelName(label: 1, name: "lung")]),
    ])
    #expect(labels.entries.map(\.value) == [1, 2, 3, 4] && labels.entries.map(\.label) == [1, 2, 1, 3])
    #expect(labels.names.map(\.name) == ["left lung", "rib", "right lung", "right 3"])
  }

  @Test("several labels may become one value, and 0 leaves one out")
  func values() throws {
    let labels = try TaskLabels([
      .init(task: "a", label: 0, value: 0, name: "background"),
      .init(task: "a", label: 1, value: 4, name: "lung"),
      .init(task: "a", label: 2, value: 4, name: "lung"), .init(task: "b", label: 1, value: 4),
      .init(task: "b", label: 2, value: 0, name: "table"),
    ])
    #expect(labels.values(of: "a") == [0: 0, 1: 4, 2: 4] && labels.values(of: "b") == [1: 4, 2: 0])
    #expect(labels.names == [LabelName(label: 4, name: "lung")])
  }

  @Test(
    "a table that contradicts itself is an error with both values",
    arguments: [
      ([TaskLabels.Entry(task: "a", label: 1, value: -1)], "would become -1; values are 0 to 2147483647"),
      ([.init(task: "a", label: 1, value: 1 << 31)], "would become 2147483648; values are"),
      ([.init(task: "a", label: 0, value: 3)], "is its background, which cannot become 3"),
      (
        [.init(task: "a", label: 1, value: 2), .init(task: "a", label: 1, value: 3)],
        "would become 2 and 3; name it once"
      ),
      (
        [.init(task: "a", label: 1, value: 2, name: "x"), .init(task: "b", label: 1, value: 2, name: "y")],
        "the value 2 would stand for 'x' and 'y'"
      ),
    ])
  func contradictions(entries: [TaskLabels.Entry], words: String) {
    let error = #expect(throws: VoxtileError.self) { try TaskLabels(entries) }
    #expect(
      error?.code == .invalidOption && error?.message.contains(words) == true, "\(error?.message ?? "")")
  }
}
