#!/usr/bin/env python3
"""What Examples/FromMONAI makes of configurations. Needs no MONAI, torch or program.

usage: translation_test.py [PROGRAM]
"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "Examples" / "FromMONAI"))
from bundle import Configuration, Unresolved, needs_monai
from bundles import ARGMAX, INVERT, WINDOW, compose, metadata, on_image, on_prediction, plan_of
from translation import channel_names

SPACING = on_image("Spacingd", pixdim=[1.5, 1.5, 2.0], mode="bilinear")
ORIENT = on_image("Orientationd", axcodes="RAS")
RANGE = on_image("ScaleIntensityRanged", a_min=-57, a_max=164, b_min=0, b_max=1, clip=True)
SOFTMAX = on_prediction("Activationsd", softmax=True)
SIGMOID = on_prediction("Activationsd", sigmoid=True)
THRESHOLD = on_prediction("AsDiscreted", threshold=0.5)


def flags(plan):
    return [flag for flag, _ in plan.options]


class PlanCase(unittest.TestCase):
    def assert_refused(self, plan, *names):
        self.assertEqual([finding.name for finding in plan.refused([])], list(names))


class References(PlanCase):
    def test_references_are_followed_through_keys_and_numbers(self):
        found = Configuration({"a": {"b": [1, "@c"]}, "c": "@d", "d": 7})
        self.assertEqual(found.resolve(["@a#b#1", "@a::b::0", {"x": "@c"}]), [7, 1, {"x": 7}])

    def test_a_circle_of_references_ends(self):
        with self.assertRaises(Unresolved):
            Configuration({"a": "@b", "b": "@a"}).resolve("@a")

    def test_a_missing_reference_is_named(self):
        with self.assertRaisesRegex(Unresolved, "a#x"):
            Configuration({"a": {}}).resolve("@a#x")

    def test_only_expressions_that_are_needed_are_evaluated(self):
        asked = []

        def evaluate(text):
            asked.append(text)
            return [1.5, 1.5, 1.5]
        save = on_prediction("SaveImaged", output_dtype="$never()")
        plan = plan_of([on_image("Spacingd", pixdim="@pixdim")], [ARGMAX, INVERT, save], evaluate=evaluate,
                       more={"pixdim": "$[1.5] * 3", "device": "$never()"})
        self.assertEqual(asked, ["$[1.5] * 3"])
        self.assertEqual(plan.metadata()["voxtile.spacing"], "1.5x1.5x1.5")
        self.assert_refused(plan)

    def test_an_expression_without_an_interpreter_is_refused_by_the_transform(self):
        self.assert_refused(plan_of([on_image("Spacingd", pixdim="$[1, 1, 1]")]), "Spacingd")

    def test_macros_and_relative_references_are_left_to_monai(self):
        for value, needs in (("%a#b", True), ({"x": ["@##b"]}, True), ("$@::b + 1", True), ("@a#b", False), ("100 %", False)):
            self.assertEqual(needs_monai(value), needs)
        self.assert_refused(plan_of([on_image("Spacingd", pixdim="%a")]), "Spacingd")

    def test_sums_of_lists_by_reference_are_read(self):
        found = Configuration({"all": "$@a + @b", "a": [ORIENT], "b": compose([RANGE])})
        self.assertEqual(found.transforms("all"), [ORIENT, RANGE])

    def test_what_an_expression_makes_is_refused(self):
        plan = plan_of([], more={"preprocessing": "$make()"})
        self.assertIn("preprocessing", [finding.name for finding in plan.refused([])])

    def test_disabled_transforms_are_left_out(self):
        items = [{**RANGE, "_disabled_": "@off"}, {**ORIENT, "_disabled_": "false"}]
        plan = plan_of(items, more={"off": True})
        self.assertEqual((plan.metadata()["voxtile.normalize"], plan.orientation), ("none", "RAS"))


class Settings(PlanCase):
    def test_a_common_bundle_needs_no_word_of_ours(self):
        plan = plan_of([ORIENT, SPACING, RANGE, on_image("EnsureTyped")], [SOFTMAX, INVERT, ARGMAX])
        self.assertEqual(plan.metadata(), {
            "voxtile.normalize": "window:-57,164", "voxtile.axes": "xyz", "voxtile.patch": "32x24x16",
            "voxtile.orientation": "RAS", "voxtile.spacing": "1.5x1.5x2", "voxtile.convention": "monai",
            "voxtile.labels": "background,organ"})
        self.assertEqual(" ".join(plan.command("net.onnx")), (
            "voxtile infer scan.nii.gz --model net.onnx --overlap 50% --compat monai-constant --activation softmax "
            "--output labels.nii.gz"))
        self.assert_refused(plan)
        self.assertEqual([finding.name for finding in plan.findings], ["Invertd"])

    def test_names_of_one_transform_are_one(self):
        for name in ("Orientationd", "OrientationD", "OrientationDict", "monai.transforms.Orientationd", "Orientation"):
            with self.subTest(name):
                self.assertEqual(plan_of([on_image(name, axcodes="LPS")]).orientation, "LPS")

    def test_channels_are_inputs_in_their_order(self):
        plan = plan_of([], about=metadata(3, names=["T1 c", "FLAIR", "t2"]))
        self.assertEqual(plan.command("n")[2:5], ["t1-c.nii.gz", "flair.nii.gz", "t2.nii.gz"])

    def test_names_of_labels_are_in_the_order_of_their_numbers(self):
        self.assertEqual(channel_names({"channel_def": {"10": "k", "2": "c", **{str(n): "x" for n in (0, 1, 3, 4, 5, 6, 7, 8)},
                                                        "9": "a, b"}})[2:11:7], ["c", "a; b"])
        self.assertEqual(channel_names({"channel_def": {"0": "a", "2": "b"}}), [])

    def test_a_wrong_number_of_names_is_no_names(self):
        about = metadata()
        about["network_data_format"]["outputs"]["pred"]["num_channels"] = 5
        self.assertEqual(plan_of([], about=about).label_names, [])

    def test_one_size_of_voxels_is_that_of_all_axes(self):
        for pixdim in (2, [2.0], [2, 2, 2]):
            with self.subTest(pixdim):
                self.assertEqual(plan_of([on_image("Spacingd", pixdim=pixdim)]).metadata()["voxtile.spacing"], "2x2x2")

    def test_nearest_interpolation_is_an_option(self):
        for mode in ("nearest", ["nearest"]):
            self.assertIn("--interpolation nearest", flags(plan_of([on_image("Spacingd", pixdim=1, mode=mode)])))

    def test_the_box_is_that_of_the_scan_and_so_are_its_statistics(self):
        crop = on_image("CropForegroundd", source_key="image")
        plan = plan_of([crop, on_image("NormalizeIntensityd")])
        self.assertIn("--foreground positive", flags(plan))
        self.assertEqual(plan.metadata()["voxtile.normalize"], "zscore:box")
        self.assert_refused(plan)
        chosen = plan_of([{**crop, "select_fn": "$lambda x: x != 0"}, on_image("ScaleIntensityd")])
        self.assertIn("--foreground nonzero", flags(chosen))
        self.assertEqual(chosen.metadata()["voxtile.normalize"], "percentiles:0,100:box")


class Refusals(PlanCase):
    def test_what_has_no_equal_is_refused_by_its_name(self):
        for item, about in (
            (on_image("Resized", spatial_size=[9, 9, 9]), None),
            (on_image("Orientationd", axcodes="RAS", labels=[["L", "R"]] * 3), None),
            (on_image("LoadImaged", reader="PILReader"), None), (on_image("EnsureTyped", dtype="$np.uint8"), None),
            (on_image("Spacingd", pixdim=[1, 1, -1]), None), (on_image("Spacingd", pixdim=[1, 1]), None),
            (on_image("Spacingd", pixdim=1, diagonal=True), None), (on_image("Spacingd", pixdim=1, scale_extent=True), None),
            (on_image("Spacingd", pixdim=1, mode=3), None), (on_image("CropForegroundd", source_key="image", margin=3), None),
            (on_image("CropForegroundd", source_key="other"), None),
            (on_image("CropForegroundd", source_key="image", select_fn="$lambda x: x > 5"), None),
            (on_image("NormalizeIntensityd", nonzero=True), metadata(2)), (on_image("ScaleIntensityd"), metadata(2)),
            (on_image("NormalizeIntensityd", subtrahend=[1, 2], divisor=[1, 1]), metadata(2)),
            (on_image("NormalizeIntensityd", subtrahend=3), None),
            (on_image("ScaleIntensityRanged", a_min=0, a_max=0), None), (on_image("ScaleIntensityRanged", a_max="x"), None),
        ):
            with self.subTest(item):
                self.assert_refused(plan_of([item], about=about), item["_target_"])

    def test_code_of_the_bundle_is_refused_whatever_it_is_called(self):
        self.assert_refused(plan_of([on_image("scripts.mine.Orientationd", axcodes="RAS")]), "scripts.mine.Orientationd")

    def test_transforms_of_other_images_are_refused_and_those_of_labels_are_not(self):
        plan = plan_of([{"_target_": "Spacingd", "keys": ["vein"], "pixdim": 1}, {"_target_": "Spacingd", "keys": "label"}])
        self.assert_refused(plan, "Spacingd")

    def test_another_order_is_refused(self):
        crop, score = on_image("CropForegroundd", source_key="image"), on_image("NormalizeIntensityd")
        for items, name in (([RANGE, SPACING], "Spacingd"), ([score, SPACING], "Spacingd"), ([SPACING, ORIENT], "Orientationd"),
                            ([SPACING, crop], "CropForegroundd"), ([RANGE, crop], "CropForegroundd"),
                            ([crop, SPACING], "Spacingd")):
            with self.subTest(name):
                self.assert_refused(plan_of(items), name)

    def test_a_linear_map_may_come_before_resampling(self):
        self.assert_refused(plan_of([on_image("ScaleIntensityRanged", a_min=0, a_max=255, b_min=-1, b_max=1), SPACING]))

    def test_a_refusal_is_accepted_by_its_name(self):
        plan = plan_of([on_image("Resized"), on_image("Rotate90d")])
        self.assertEqual([finding.name for finding in plan.refused(["resized"])], ["Rotate90d"])


class Windows(PlanCase):
    def test_the_window_is_that_of_the_mode(self):
        plan = plan_of([], inferer={**WINDOW, "mode": "gaussian", "overlap": [0.5, 0.25, 0.625], "sw_batch_size": 4})
        self.assertEqual(flags(plan)[:3], ["--overlap 50%x25%x62.5%", "--compat monai", "--batch 4"])

    def test_without_an_overlap_it_is_a_quarter(self):
        self.assertIn("--overlap 25%", flags(plan_of([], inferer={"_target_": "SlidingWindowInferer", "roi_size": 16})))

    def test_other_inferers_and_windows_are_refused(self):
        self.assert_refused(plan_of([], inferer={**WINDOW, "mode": "gaussian", "sigma_scale": 0.2}), "SlidingWindowInferer")
        self.assert_refused(plan_of([], inferer={**WINDOW, "roi_size": [32, 32, -1]}), "SlidingWindowInferer", "patch")
        self.assert_refused(plan_of([], inferer={"_target_": "SimpleInferer"}), "SimpleInferer", "patch")
        self.assert_refused(plan_of([], more={"inferer": None}), "inferer", "patch")

    def test_a_patch_of_yours_takes_the_place_of_the_bundles(self):
        plan = plan_of([], patch=(8, 8, 8))
        self.assertEqual((plan.patch, [finding.name for finding in plan.findings]), ((8, 8, 8), ["patch"]))

    def test_slices_are_patches_of_two_axes(self):
        plan = plan_of([], inferer={"_target_": "SliceInferer", "roi_size": [256, 256], "spatial_dim": 2})
        self.assertEqual(plan.metadata()["voxtile.patch"], "256x256")
        self.assert_refused(plan_of([], inferer={"_target_": "SliceInferer", "roi_size": [9, 9]}), "SliceInferer", "patch")

    def test_what_lies_beyond_a_small_scan_is_named_where_it_differs(self):
        for item, inferer in ((on_image("ScaleIntensityd", minv=-1), None), (RANGE, {**WINDOW, "padding_mode": "replicate"}),
                              (RANGE, {**WINDOW, "cval": 3})):
            self.assertEqual([finding.name for finding in plan_of([item], inferer=inferer).findings], ["padding"])
        self.assertEqual(plan_of([{**RANGE, "b_min": -1}]).findings, [])


class Results(PlanCase):
    def test_masks_that_overlap_need_an_order(self):
        about = metadata(labels=("core", "whole", "enhancing"))
        self.assert_refused(plan_of([], [SIGMOID, THRESHOLD], about=about), "overlap")
        plan = plan_of([], [SIGMOID, THRESHOLD], about=about, order=[1, 0, 2], values=[2, 1, 4])
        self.assert_refused(plan)
        self.assertEqual(plan.metadata()["voxtile.labels"], "whole,core,enhancing")
        self.assertIn("--labels 2,1,4", flags(plan))

    def test_a_single_mask_has_the_threshold(self):
        plan = plan_of([], [SIGMOID, on_prediction("AsDiscreted", threshold=0.3)], about=metadata(labels=("organ",)))
        self.assertIn("--threshold 0.3", flags(plan))
        self.assert_refused(plan)

    def test_without_a_decision_values_are_written(self):
        self.assertIn("--output-kind probabilities", flags(plan_of([], [SOFTMAX])))
        self.assertIn("--output-kind logits", flags(plan_of([], [])))

    def test_the_largest_component_is_a_second_command(self):
        keep = on_prediction("KeepLargestConnectedComponentd", applied_labels=[1, 2])
        self.assertEqual(plan_of([], [ARGMAX, keep]).cleaning[0][0], "--keep-largest 1,2")
        self.assert_refused(plan_of([], [ARGMAX, {**keep, "num_components": 2}]), "KeepLargestConnectedComponentd")

    def test_labels_that_come_back_by_nearest_neighbors_are_named(self):
        for post in ([ARGMAX, INVERT], [{**INVERT, "nearest_interp": True}, ARGMAX]):
            self.assertIn("nearest neighbors", plan_of([SPACING], post).findings[0].text)
        self.assertEqual(plan_of([SPACING], [INVERT, ARGMAX]).findings, [])
        self.assertEqual(plan_of([], [ARGMAX, INVERT]).findings, [])

    def test_code_is_shown_as_it_is(self):
        plan = plan_of([], [ARGMAX, on_prediction("Lambdad", func="$lambda x: x + 1")])
        self.assertIn("lambda x: x + 1", plan.refused([])[0].text)

    def test_nothing_is_read_of_how_a_file_is_called(self):
        self.assert_refused(plan_of([], [ARGMAX, on_prediction("SaveImaged", output_dir="$never()")]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
