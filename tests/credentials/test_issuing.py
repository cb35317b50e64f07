from tests.world import World

async def test_x(world: World):
    issued = await world.issued()
    doc = await world.document(issued["uuid"])
    r = await world.report(doc)
    assert r.verdict == "passed", r.says
    print(r)
async def test_y(world: World):
    issued = await world.issued()
async def test_z(world: World):
    print(await world.rows())
