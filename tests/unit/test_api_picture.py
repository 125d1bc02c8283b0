"""The drawings of a role's neighbourhood: everything is in them, inside the frame, and nothing lies on anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from api.neighbourhood import Near
from api.picture import Named, chosen, columns, tree

labels = st.text("abcdefghij æøå-", min_size=1, max_size=60)


@st.composite
def neighbourhoods(draw):
    plans = {f"p{i}": Named(draw(labels), f"/plan/{i}") for i in range(draw(st.integers(1, 4)))}
    near = [
        Near(
            f"q{i}",
            draw(st.sampled_from(["obligatorisk", "betinget", "anbefalt"])),
            tuple(draw(st.sets(st.sampled_from(sorted(plans)), min_size=1, max_size=3))),
            draw(st.integers(0, 2)),
            draw(st.integers(0, 2)),
        )
        for i in range(draw(st.integers(1, 30)))
    ]
    requirements = {n.requirement: Named(draw(labels), f"/krav/{n.requirement}") for n in near}
    notes = {n.requirement: "12 ressurser" for n in near}
    return Named(draw(labels), "/rolle/r"), plans, requirements, near, notes


def overlapping(boxes):
    return [
        (a, b)
        for i, a in enumerate(boxes)
        for b in boxes[i + 1 :]
        if a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
    ]


@settings(max_examples=40, deadline=None)
@given(neighbourhoods())
def test_all_is_drawn_inside_the_frame_and_apart(given_):
    role, plans, requirements, near, notes = given_
    for draw in (columns, tree):
        picture = draw(role, plans, requirements, near, notes)
        assert overlapping(picture.boxes) == []
        for box in picture.boxes:
            assert box.x >= 0
            assert box.y >= -1e-9
            assert box.x + box.width <= picture.width
            assert box.y + box.height <= picture.height + 1e-9
            for y, _ in box.baselines:
                assert box.y < y < box.y + box.height
        drawn = [box.name.url for box in picture.boxes]
        assert set(drawn) == {
            role.url,
            *(p.url for p in plans.values()),
            *(q.url for q in requirements.values()),
        }
        times = sum(len(n.plans) for n in near)
        assert sum(line.necessity is not None for line in picture.lines) == times
        assert len([b for b in picture.boxes if b.cover]) == (times if draw is tree else len(near))


def test_what_no_resource_serves_is_drawn_before_what_one_does():
    near = [Near(f"q{i}", "obligatorisk", ("p",), i % 2, 1 if i == 4 else 0) for i in range(10)]
    assert [n.requirement for n in chosen(near, 6)] == ["q0", "q1", "q2", "q4", "q6", "q8"]
    assert [n.cover for n in chosen(near, 6)] == ["none", "covered", "none", "proposed", "none", "none"]


def test_a_long_label_is_cut_and_its_whole_is_kept_for_the_reader():
    name = Named("et svært langt krav " * 10, "/krav/q")
    near = [Near("q", "obligatorisk", ("p",), 1, 0)]
    picture = columns(Named("r", "/r"), {"p": Named("p", "/p")}, {"q": name}, near, {"q": "n"})
    box = picture.boxes[-1]
    assert len(box.lines) == 3
    assert box.lines[-1].endswith("…")
    assert box.name.label == name.label
